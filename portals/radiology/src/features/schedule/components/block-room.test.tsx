/** What a manager hears of what stands in a time that a room is to be blocked for. */
import { MantineProvider } from '@mantine/core';
import { blockTime } from '@shared/api/equipment';
import type { Equipment } from '@shared/api/types';
import { ProblemError } from '@shared/http/problem';
import { hospitalTime } from '@shared/time/hospital-time';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BlockRoom } from './block-room';

const clock = hospitalTime('Europe/Berlin');
const booked = vi.hoisted(() => ({ items: {} as Record<string, unknown[]> }));
vi.mock('@shared/api/orders', () => ({ bookedBetweenQuery: (id: string) => ({ queryKey: ['orders', 'list', id], queryFn: () => ({ items: booked.items[id] ?? [] }) }) }));
vi.mock('@shared/api/equipment', () => ({ blockTime: vi.fn(), unblockTime: vi.fn() }));
vi.mock('@shared/shell/portal-context', () => ({ useClock: () => clock }));

const DAY = '2031-01-06';
const appointment = (name: string, from: string, until: string) => ({
  id: name,
  status: 'SCHEDULED',
  studyType: 'CT Head',
  patient: { name, mrn: 'MRN-7' },
  appointment: { startsAt: clock.instant(`${DAY} ${from}:00`), endsAt: clock.instant(`${DAY} ${until}:00`) },
});
const room = (id: string, name: string) => ({ id, name, room: 'Room 1', blockedTimes: [] }) as unknown as Equipment;
const taken = new ProblemError({ status: 409, code: 'slot_taken', title: 'Refused', detail: 'CT 1 is taken from 06 Jan 2031 12:15 to 12:45 by IMG-1; choose another time.' });

beforeEach(() => {
  booked.items = {};
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  Element.prototype.scrollIntoView = () => undefined;
  vi.mocked(blockTime).mockResolvedValue({} as never);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
  vi.clearAllMocks();
});

async function opened() {
  const user = userEvent.setup();
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <MantineProvider env="test">
        <BlockRoom opened onClose={() => undefined} rooms={[room('ct1', 'CT 1'), room('ct2', 'CT 2')]} date={DAY} />
      </MantineProvider>
    </QueryClientProvider>,
  );
  const choose = async (name: string) => {
    await user.click(screen.getByRole('combobox', { name: 'Room' }));
    await user.click(await screen.findByRole('option', { name: `${name}, Room 1` }));
  };
  const block = () => user.click(screen.getByRole('button', { name: 'Block' }));
  return { user, choose, block };
}

const listed = async () => (await screen.findAllByRole('listitem')).map(({ textContent }) => textContent);

it('all appointments in the time are told before anything is pressed, by patient, time and exam', async () => {
  booked.items = { ct1: [appointment('ROE^RICHARD', '12:45', '13:15'), appointment('DOE^JANE', '11:45', '12:15'), appointment('POE^PAUL', '13:00', '13:30')] };
  const { choose } = await opened();
  await choose('CT 1');

  expect(await listed()).toEqual(['06 Jan 2031 11:45–12:15: DOE, JANE, MRN-7, CT Head', '06 Jan 2031 12:45–13:15: ROE, RICHARD, MRN-7, CT Head']);
  expect(screen.getByText('2 appointments stand in this time. Move them first.')).toBeTruthy();
  expect(screen.getByRole('button', { name: 'Block' })).toHaveProperty('disabled', true);
});

it('what came into the time meanwhile is told in the same words, and no more when another room is chosen', async () => {
  vi.mocked(blockTime).mockRejectedValue(taken);
  const { user, choose, block } = await opened();
  await choose('CT 1');
  await user.type(screen.getByRole('textbox', { name: /Why/ }), 'Service');
  booked.items = { ct1: [appointment('DOE^JANE', '12:15', '12:45')] };
  await block();

  expect(await listed()).toEqual(['06 Jan 2031 12:15–12:45: DOE, JANE, MRN-7, CT Head']);
  expect(screen.queryByText(/IMG-1/)).toBeNull();

  await choose('CT 2');
  expect(screen.queryByRole('alert')).toBeNull();
});

it('any other refusal stands in the form, until something in it is changed', async () => {
  vi.mocked(blockTime).mockRejectedValue(new ProblemError({ status: 409, code: 'time_is_over', title: 'Refused', detail: 'That time is over.' }));
  const { user, choose, block } = await opened();
  await choose('CT 1');
  await user.type(screen.getByRole('textbox', { name: /Why/ }), 'Service');
  await block();
  expect((await screen.findByRole('alert')).textContent).toBe('Not blocked: That time is over.');

  await choose('CT 2');

  expect(screen.queryByRole('alert')).toBeNull();
});
