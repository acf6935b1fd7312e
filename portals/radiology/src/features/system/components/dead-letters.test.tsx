/** What becomes of a message that could not be handled: it waits, or somebody has dealt with it and says how. */
import { MantineProvider } from '@mantine/core';
import { reopen, settle } from '@shared/api/operations';
import { refused } from '@shared/feedback/toasts';
import { ProblemError } from '@shared/http/problem';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DeadLetters } from './dead-letters';

const house = vi.hoisted(() => ({ open: [] as unknown[], settled: [] as unknown[], rights: ['dead_letters.replay', 'dead_letters.settle'] }));
vi.mock('@shared/api/operations', () => ({
  deadLettersQuery: (settled = false) => ({ queryKey: ['operations', 'dead-letters', { settled }], queryFn: () => Promise.resolve({ items: settled ? house.settled : house.open, truncated: false }) }),
  settle: vi.fn(),
  reopen: vi.fn(),
  replay: vi.fn(),
}));
vi.mock('@shared/feedback/toasts', () => ({ told: vi.fn(), refused: vi.fn() }));
vi.mock('@shared/shell/portal-context', () => ({ useClock: () => ({ dateTime: () => '11 Nov 2025 10:00' }), useMay: () => (right: string) => house.rights.includes(right) }));

const LETTER = { id: 'images.ingested.dead/0/7', topic: 'images.ingested', worker: 'ingest_worker', error: 'ObjectMissing', reason: '', at: '2025-11-11T09:00:00Z', sizeBytes: 9, replayedAt: null, settled: null };
const SETTLED = { ...LETTER, settled: { by: 'Maria Diaz', at: '2025-11-11T09:00:00Z', reason: 'Sent from the disc' } };

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  Object.assign(house, { open: [LETTER], settled: [], rights: ['dead_letters.replay', 'dead_letters.settle'] });
  vi.mocked(refused).mockReset();
  vi.mocked(settle).mockReset().mockImplementation(async () => void Object.assign(house, { open: [], settled: [SETTLED] }) as never);
  vi.mocked(reopen).mockReset().mockImplementation(async () => void Object.assign(house, { open: [LETTER], settled: [] }) as never);
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <DeadLetters />
      </MantineProvider>
    </QueryClientProvider>,
  );
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const dialog = () => within(screen.getByRole('dialog'));
const decide = async (user: ReturnType<typeof userEvent.setup>, button: string, reason: string) => {
  await user.click(await screen.findByRole('button', { name: button }));
  expect(dialog().getByRole('button', { name: button })).toHaveProperty('disabled', true);
  await user.type(dialog().getByRole('textbox', { name: 'Why' }), reason);
  await user.click(dialog().getByRole('button', { name: button }));
};

it('dealt with otherwise, with a reason, it leaves the open list and stands in the other', async () => {
  const user = userEvent.setup();

  await decide(user, 'Dealt with', 'Sent from the disc');

  expect(settle).toHaveBeenCalledExactlyOnceWith('images.ingested.dead/0/7', 'Sent from the disc');
  expect(await screen.findByText('Nothing is open')).toBeTruthy();
  await user.click(screen.getByRole('radio', { name: 'Dealt with' }));
  const row = (await screen.findByText(/images.ingested.dead/)).closest('tr') as HTMLElement;
  expect(row.textContent).toContain('Dealt with by Maria Diaz, 11 Nov 2025 10:00: Sent from the disc');
  expect(within(row).queryByRole('button', { name: 'Try again' })).toBeNull();
});

it('taken back, with a reason, it is open again', async () => {
  Object.assign(house, { open: [], settled: [SETTLED] });
  const user = userEvent.setup();
  await user.click(screen.getByRole('radio', { name: 'Dealt with' }));

  await decide(user, 'Take back', 'Another image');

  expect(reopen).toHaveBeenCalledExactlyOnceWith('images.ingested.dead/0/7', 'Another image');
  expect(await screen.findByText('Nothing was dealt with otherwise')).toBeTruthy();
  await user.click(screen.getByRole('radio', { name: 'Open' }));
  expect(await screen.findByRole('button', { name: 'Try again' })).toBeTruthy();
});

it('what somebody else was faster with is told, and shown as it is now', async () => {
  const user = userEvent.setup();
  vi.mocked(settle).mockImplementation(() => {
    Object.assign(house, { open: [], settled: [SETTLED] });
    return Promise.reject(new ProblemError({ status: 409, code: 'dead_letter_decided', title: '', detail: 'Somebody else has decided.' }));
  });

  await decide(user, 'Dealt with', 'Me too');

  expect(await screen.findByText('Nothing is open')).toBeTruthy();
  expect(refused).toHaveBeenCalledOnce();
});
