import { MantineProvider } from '@mantine/core';
import { newQueryClient } from '@shared/http/query-client';
import { scheduleQuery } from '@shared/api/orders';
import type { Order } from '@shared/api/types';
import { hospitalTime } from '@shared/time/hospital-time';
import { QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OrderPanel } from './order-panel';

vi.mock('@shared/shell/portal-context', () => ({
  useClock: () => hospitalTime('Europe/Berlin'),
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

const panel = (shown: Order, queries = newQueryClient()) => (
  <MantineProvider env="test">
    <QueryClientProvider client={queries}>
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
  vi.useRealTimers();
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

describe('the day of an appointment', () => {
  const at = (startsAt: string, endsAt: string) => ({ appointment: { startsAt, endsAt, equipmentName: 'MR 1', room: 'Room 1.05' } as Order['appointment'] });
  const TODAY = at('2026-03-02T08:00:00Z', '2026-03-02T08:45:00Z');
  const TOMORROW = at('2026-03-02T23:30:00Z', '2026-03-03T00:15:00Z');
  const YESTERDAY = at('2026-03-01T08:00:00Z', '2026-03-01T08:45:00Z');

  /** A panel at noon of 2 March, its check-in open; of this day the page knows these orders. */
  function checkIn(shown: Order, day: Order[] = []): string {
    const queries = newQueryClient();
    queries.setQueryData(scheduleQuery({ date: '2026-03-02' }).queryKey, { items: day, total: day.length, page: 1, pageSize: 500 });
    render(panel(shown, queries));
    fireEvent.click(screen.getByRole('button', { name: 'Check in' }));
    return screen.getByRole('dialog', { name: 'Is this the patient?' }).textContent;
  }

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['Date'], now: Date.parse('2026-03-02T11:00:00Z') });
    vi.stubGlobal('fetch', () => new Promise(() => undefined));
  });

  it('stands with the exam in the dialog of Check in', () => {
    const dialog = checkIn(order({ ...TODAY, laterality: 'LEFT' }));

    expect(dialog).toContain('MRI Knee (left) · 02 Mar 2026 09:00–09:45, MR 1 (Room 1.05)');
    expect(dialog).not.toContain('not today');
  });

  it.each([
    ['tomorrow, in the hospital’s zone', TOMORROW, 'The appointment is tomorrow, 03 Mar 2026 00:30, not today.'],
    ['yesterday', YESTERDAY, 'The appointment was yesterday, 01 Mar 2026 09:00, not today.'],
    ['later', at('2026-03-09T08:00:00Z', '2026-03-09T08:45:00Z'), 'The appointment is on 09 Mar 2026 09:00, not today.'],
    ['long ago', at('2026-02-09T08:00:00Z', '2026-02-09T08:45:00Z'), 'The appointment was on 09 Feb 2026 09:00, not today.'],
  ])('is warned of, and not refused: %s', (_when, appointment, words) => {
    expect(checkIn(order(appointment))).toContain(words);
    for (const identifier of screen.getAllByRole('checkbox')) fireEvent.click(identifier);
    expect(within(screen.getByRole('dialog')).getByRole<HTMLButtonElement>('button', { name: 'Check in' }).disabled).toBe(false);
  });

  it('is warned of with the booking of the same exam that the patient has today', () => {
    const other = (id: string, change: Partial<Order> = {}) => order({ id, orderNumber: `ORD-${id}`, ...TODAY, ...change });
    const day = [other('1'), other('2', { studyType: 'MRI Brain' }), other('3', { status: 'CANCELLED' }), other('4', { patient: { ...other('4').patient, mrn: 'MRN-7' } })];

    const dialog = checkIn(order(TOMORROW), day);

    expect(dialog).toContain('The same exam is booked for this patient today: 09:00–09:45, MR 1 (Room 1.05), ORD-1. Is it that one?');
    expect(dialog).not.toMatch(/ORD-[234]/);
  });

  it('is warned of again before the start', () => {
    render(panel(order({ ...here, ...YESTERDAY, screeningRequired: [] })));

    expect(screen.getByRole('alert').textContent).toContain('The appointment was yesterday, 01 Mar 2026 09:00, not today.');
    expect(screen.getByRole<HTMLButtonElement>('button', { name: 'Start' }).disabled).toBe(false);
  });

  it.each([
    ['before the patient is here', {}],
    ['of an exam that began', { ...here, status: 'IN_PROGRESS' as const, startedAt: '2026-03-01T08:10:00Z' }],
    ['of a cancelled one', { ...here, status: 'CANCELLED' as const }],
  ])('is no matter on the panel %s', (_when, change) => {
    render(panel(order({ ...YESTERDAY, ...change })));

    expect(screen.queryByRole('alert')).toBeNull();
  });
});

it('says why an exam was cancelled', () => {
  render(panel(order({ status: 'CANCELLED', cancelledAt: '2026-03-02T08:00:00Z', cancelReason: 'Patient did not come' })));

  expect(screen.getByText('Cancelled 02 Mar 2026 09:00')).toBeTruthy();
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
