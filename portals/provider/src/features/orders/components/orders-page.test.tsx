import { MantineProvider } from '@mantine/core';
import type { Order } from '@shared/api/types';
import { hospitalTime } from '@shared/time/hospital-time';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OrdersPage } from './orders-page';

const clock = hospitalTime('Europe/Berlin');
const listed = vi.hoisted(() => ({ items: [] as unknown[], total: 1 }));
const results = vi.hoisted(() => ({ unread: [] as unknown[], amendedAt: new Map<string, string>() }));
vi.mock('@shared/api/orders', () => ({ orderSearchQuery: () => ({ queryKey: ['orders'], queryFn: () => ({ ...listed }) }) }));
vi.mock('@shared/results/use-unread', () => ({ useUnread: () => ({ unread: results.unread, isLoaded: true }) }));
vi.mock('@shared/results/use-amended', () => ({ useAmended: () => results.amendedAt }));
vi.mock('@shared/shell/portal-context', () => ({ useClock: () => clock, usePortal: () => ({}) }));
vi.mock('@shared/live/live', () => ({ useLiveMessages: () => undefined }));
vi.mock('@shared/viewer/ahead', () => ({ useViewerAhead: () => undefined }));
vi.mock('@shared/progress/progress-bar', () => ({ ProgressBar: () => null }));
vi.mock('@tanstack/react-router', () => ({ useSearch: () => ({}), useNavigate: () => vi.fn(), Link: ({ children }: { children: ReactNode }) => <a href="/">{children}</a> }));

const order = (changes: object) =>
  ({ id: 'o', status: 'SCHEDULED', priority: 'ROUTINE', studyType: 'CT Chest', patient: { name: 'Doe^Jane', mrn: 'P1', birthDate: null, sex: 'F' }, createdAt: '2026-11-29T09:00:00Z', appointment: null, reportedAt: null, startedAt: null, ...changes }) as unknown as Order;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'], now: new Date('2026-11-29T12:00:00Z') });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
});
afterEach(() => {
  cleanup();
  Object.assign(results, { unread: [], amendedAt: new Map() });
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function show(): QueryClient {
  const queries = new QueryClient();
  render(
    <QueryClientProvider client={queries}>
      <MantineProvider env="test">
        <OrdersPage />
      </MantineProvider>
    </QueryClientProvider>,
  );
  return queries;
}

const studies = () => within(screen.getByRole('list', { name: 'Orders' })).getAllByText(/^(MRI|CT) /).map(({ textContent }) => textContent);

it.each([
  ['today’s by its time alone', { appointment: { startsAt: '2026-11-29T13:24:00Z', room: 'Room 1' } }, ['14:24, Room 1', 'ordered 10:00']],
  ['this year’s without the year', { createdAt: '2026-11-20T09:00:00Z', appointment: { startsAt: '2026-12-01T13:24:00Z', room: 'Room 1' } }, ['01 Dec 14:24, Room 1', 'ordered 20 Nov 10:00']],
  ['another year’s in full', { createdAt: '2025-11-20T09:00:00Z', status: 'FINAL_REPORT', reportedAt: '2025-11-21T09:00:00Z' }, ['Report 21 Nov 2025 10:00', 'ordered 20 Nov 2025 10:00']],
])('a time in the list says no more than it takes: %s', async (_, changes, said) => {
  listed.items = [order(changes)];
  show();

  for (const words of said) expect(await screen.findByText(words)).toBeTruthy();
});

it('a result that comes while the list is open stays at its place, and the reader brings it up', async () => {
  const user = userEvent.setup();
  const [mri, ct] = [order({ id: 'mri', studyType: 'MRI Knee' }), order({ id: 'ct', studyType: 'CT Chest' })];
  listed.items = [mri, ct];
  const queries = show();
  await screen.findByText('CT Chest');
  expect(screen.queryByRole('button', { name: /unread/ })).toBeNull();

  listed.items = [ct, mri];
  results.unread = [{ orderId: 'ct' }];
  await act(() => queries.invalidateQueries());

  expect(studies()).toEqual(['MRI Knee', 'CT Chest']);
  await user.click(await screen.findByRole('button', { name: '1 unread below' }));
  expect(studies()).toEqual(['CT Chest', 'MRI Knee']);
  expect(screen.queryByRole('button', { name: /unread/ })).toBeNull();
});

it('a row that changes its place without a result to read tells nothing', async () => {
  const [mri, ct] = [order({ id: 'mri' }), order({ id: 'ct' })];
  listed.items = [mri, ct];
  const queries = show();
  await screen.findAllByText('CT Chest');

  listed.items = [ct, mri];
  await act(() => queries.invalidateQueries());

  expect(screen.queryByRole('button', { name: /unread/ })).toBeNull();
});

it('a new result that holds a critical finding is told apart from the others', async () => {
  listed.items = [order({ id: 'ct' }), order({ id: 'mri', studyType: 'MRI Knee' })];
  results.unread = [
    { orderId: 'ct', hasCriticalFindings: true },
    { orderId: 'mri', hasCriticalFindings: false },
  ];
  show();

  const row = async (study: string) => within((await screen.findByText(study)).closest('li') as HTMLElement);
  expect((await row('CT Chest')).getByText('New critical result')).toBeTruthy();
  expect((await row('MRI Knee')).getByText('New result')).toBeTruthy();
});

it('an amended report is called so, with the time of its amendment', async () => {
  listed.items = [order({ status: 'FINAL_REPORT', reportedAt: '2026-11-29T09:42:00Z' })];
  results.amendedAt = new Map([['o', '2026-11-29T10:10:00Z']]);
  show();

  expect(await screen.findByText('Amended 11:10')).toBeTruthy();
  expect(screen.queryByText('Report 10:42')).toBeNull();
});
