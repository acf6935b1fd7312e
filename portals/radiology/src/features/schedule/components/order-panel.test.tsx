import { MantineProvider } from '@mantine/core';
import { newQueryClient } from '@shared/http/query-client';
import type { Order } from '@shared/api/types';
import { QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OrderPanel } from './order-panel';

vi.mock('@shared/shell/portal-context', () => ({
  useClock: () => ({ dateTime: () => '2 Mar 2026 08:00', time: () => '08:30' }),
  useMay: () => (action: string) => !withheld.includes(action),
}));

const { withheld } = vi.hoisted(() => ({ withheld: [] as string[] }));
const mayNot = (...actions: string[]) => withheld.splice(0, withheld.length, 'images.upload', ...actions);

const order = (change: Partial<Order> = {}) =>
  ({
    id: 'o',
    status: 'SCHEDULED',
    priority: 'ROUTINE',
    studyType: 'MRI Knee',
    patient: { name: 'Pereira^Jonas', mrn: 'MRN-200013', birthDate: null, sex: 'M' },
    screeningRequired: ['mri'],
    screening: null,
    checkedInAt: null,
    startedAt: null,
    completedAt: null,
    appointment: null,
    receivedInstances: 0,
    ...change,
  }) as unknown as Order;

const here = { checkedInAt: '2026-03-02T08:00:00Z' };

const panel = (shown: Order) => (
  <MantineProvider env="test">
    <QueryClientProvider client={newQueryClient()}>
      <OrderPanel order={shown} rooms={[]} onClose={() => undefined} />
    </QueryClientProvider>
  </MantineProvider>
);

beforeEach(() => {
  mayNot();
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('goes on at the next step when the button of the one that is done is gone', () => {
  const { rerender } = render(panel(order()));
  screen.getByRole('button', { name: 'Check in' }).focus();

  rerender(panel(order(here)));

  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Screen' }));
});

it('stays in the panel when there is no next step for one’s role', () => {
  const decided = { ...here, screening: { passed: true, concerns: [], overrideReason: '', overriddenBy: null } } as unknown as Partial<Order>;
  const { rerender } = render(panel(order(here)));
  screen.getByRole('button', { name: 'Screen' }).focus();
  mayNot('order.start');

  rerender(panel(order(decided)));

  expect(document.activeElement).toBe(screen.getByRole('button', { name: 'Close the order' }));
});

it('leaves the focus where somebody has it', () => {
  const { rerender } = render(panel(order()));
  const elsewhere = screen.getByRole('button', { name: 'Find a slot' });
  elsewhere.focus();

  rerender(panel(order(here)));

  expect(document.activeElement).toBe(elsewhere);
});

it.each(['Screen', 'Find a slot', 'Cancel the exam'])('says in the dialog of %s whose exam it is', (verb) => {
  render(panel(order(here)));

  fireEvent.click(screen.getByRole('button', { name: verb }));

  expect(screen.getByRole('dialog').textContent).toContain('Pereira, Jonas · M · MRN-200013 · MRI Knee');
});

it('says why an exam was cancelled', () => {
  render(panel(order({ status: 'CANCELLED', cancelledAt: '2026-03-02T08:00:00Z', cancelReason: 'Patient did not come' })));

  expect(screen.getByText('Cancelled 2 Mar 2026 08:00')).toBeTruthy();
  expect(screen.getByText('Patient did not come')).toBeTruthy();
});

it.each([
  [0, 'No image has arrived so far.'],
  [1, 'One image has arrived so far.'],
  [24, '24 images have arrived so far.'],
])('says how many images have arrived: %i', (receivedInstances, words) => {
  render(panel(order({ ...here, screeningRequired: [], status: 'IN_PROGRESS', startedAt: '2026-03-02T08:10:00Z', receivedInstances })));

  fireEvent.click(screen.getByRole('button', { name: 'Complete' }));

  expect(screen.getByRole('dialog').textContent).toContain(words);
});

it('keeps a number of images that was typed, and says what is wrong with it', () => {
  render(panel(order({ ...here, screeningRequired: [], status: 'IN_PROGRESS', startedAt: '2026-03-02T08:10:00Z' })));
  fireEvent.click(screen.getByRole('button', { name: 'Complete' }));
  const made = screen.getByLabelText<HTMLInputElement>('Images made, if you know');

  fireEvent.change(made, { target: { value: '240000' } });
  fireEvent.blur(made);

  expect(made.value).toBe('240000');
  expect(screen.getByText('1 to 100,000 images.')).toBeTruthy();
  expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Ready for read' }).disabled).toBe(true);
});

it('shows with a passed screening on whose word an answer differs from the order', () => {
  const confirmed = 'Allergy to contrast medium: no. The order says: yes, Anaphylaxis. Confirmed: Another patient’s, says Dr. Smith';
  render(panel(order({ ...here, screening: { passed: true, concerns: [], contrast: { allergyDetail: confirmed }, mri: null } as unknown as Order['screening'] })));

  expect(screen.getByText(confirmed)).toBeTruthy();
});

it('names the patient with a number that is never broken at its hyphen', () => {
  render(panel(order()));

  expect(screen.getByRole('heading', { name: 'Pereira, Jonas · M · MRN-200013' })).toBeTruthy();
  expect(screen.getByText('MRN-200013').style.whiteSpace).toBe('nowrap');
});
