/** What a manager hears of appointments that a room would no longer be open for. */
import { MantineProvider } from '@mantine/core';
import { saveRoom } from '@shared/api/equipment';
import type { Equipment } from '@shared/api/types';
import { hospitalTime } from '@shared/time/hospital-time';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { emptyRoom, toRoomBody } from '../domain/rooms';
import { RoomDialog } from './room-form';

const clock = hospitalTime('Europe/Berlin');
const booked = vi.hoisted(() => ({ items: [] as unknown[], total: 0 }));
vi.mock('@shared/api/orders', () => ({ bookedInQuery: (id: string) => ({ queryKey: ['booked', id], queryFn: () => booked }) }));
vi.mock('@shared/api/equipment', () => ({ addRoom: vi.fn(), saveRoom: vi.fn() }));
vi.mock('@shared/shell/portal-context', () => ({ useClock: () => clock }));
vi.mock('@tanstack/react-router', () => ({ Link: ({ to, search, children }: { to: string; search: object; children: ReactNode }) => <a href={`${to}?${new URLSearchParams(search as Record<string, string>)}`}>{children}</a> }));

const appointment = (from: string, until: string) => ({ appointment: { startsAt: clock.instant(from), endsAt: clock.instant(until) } });
const ROOM = { ...toRoomBody({ ...emptyRoom(), name: 'CT 1', room: 'Room 1' }), id: 'ct1', version: 1 } as Equipment;

/** The rooms as the server has them after each save. */
function Rooms({ onClose }: { onClose: () => void }) {
  const [rooms, setRooms] = useState([ROOM]);
  vi.mocked(saveRoom).mockImplementation(async (room, body) => {
    setRooms([{ ...ROOM, ...body, version: room.version + 1 } as Equipment]);
    return {} as never;
  });
  return <RoomDialog opened onClose={onClose} rooms={rooms} />;
}

async function opened() {
  const onClose = vi.fn();
  const user = userEvent.setup();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <Rooms onClose={onClose} />
      </MantineProvider>
    </QueryClientProvider>,
  );
  await user.click(screen.getByRole('combobox', { name: 'Which' }));
  await user.click(await screen.findByRole('option', { name: 'CT 1, Room 1' }));
  return { user, onClose };
}

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  Element.prototype.scrollIntoView = () => undefined;
  const items = [appointment('2030-01-07 17:00', '2030-01-07 17:30'), appointment('2030-01-08 17:00', '2030-01-08 17:30'), appointment('2030-01-08 09:00', '2030-01-08 09:30')];
  Object.assign(booked, { items, total: 3 });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('hours that are shortened tell what they leave behind, and the saved room leads there', async () => {
  const { user, onClose } = await opened();
  expect(screen.queryByRole('alert')).toBeNull();

  for (const day of ['Monday', 'Tuesday']) {
    fireEvent.change(screen.getByLabelText(`${day} closes`), { target: { value: '16:00' } });
  }
  expect(screen.getByRole('alert').textContent).toContain('2 appointments stand in this room while it is closed');
  expect(screen.queryByRole('link')).toBeNull();

  await user.click(screen.getByRole('button', { name: 'Save the room' }));

  const day = await screen.findByRole('link', { name: '8 Jan 2030' });
  expect(day.getAttribute('href')).toBe('/schedule?date=2030-01-08&modality=CT&view=list');
  expect(onClose).not.toHaveBeenCalled();
});

it('a room out of use tells of all that stands in it, of more than are listed too', async () => {
  booked.total = 900;
  const { user } = await opened();

  await user.click(screen.getByRole('checkbox', { name: /In use/ }));

  expect(screen.getByRole('alert').textContent).toContain('At least 3 appointments stand');
});

it('a room that leaves nothing behind is saved, and the form closes', async () => {
  Object.assign(booked, { items: [], total: 0 });
  const { user, onClose } = await opened();

  await user.click(screen.getByRole('checkbox', { name: /In use/ }));
  await user.click(screen.getByRole('button', { name: 'Save the room' }));

  await vi.waitFor(() => expect(onClose).toHaveBeenCalled());
});
