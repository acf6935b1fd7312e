import type { Order } from '@shared/api/types';
import { hospitalTime } from '@shared/time/hospital-time';
import { describe, expect, it } from 'vitest';
import type { RoomFields } from './rooms';
import { emptyRoom, fieldsOf, fitsForm, leftOutside, missingInRoom, toRoomBody } from './rooms';

const ROOM = { name: 'CT 1', room: 'Room 1', modality: 'CT' as const, aeTitle: 'CT01', active: true, openingHours: [{ weekday: 6, opens: '00:00:00', closes: '00:00:00' }] };

describe('a room in the form', () => {
  it('keeps its hours on the way there and back', () => {
    expect(toRoomBody(fieldsOf(ROOM))).toEqual({ ...ROOM, openingHours: [{ weekday: 6, opens: '00:00', closes: '00:00' }] });
  });

  it('is closed on the days that are not named', () => {
    expect(fieldsOf(ROOM).hours.filter(Boolean)).toHaveLength(1);
  });

  it('needs a name and a place', () => {
    expect(missingInRoom(emptyRoom())).toBe('A room has a name and a place.');
    expect(missingInRoom({ ...emptyRoom(), name: 'CT 3', room: 'Room 3' })).toBe('');
  });

  it('needs a time for each opening and closing', () => {
    const hours = (opens: string) => missingInRoom({ ...emptyRoom(), name: 'CT 3', room: 'Room 3', hours: emptyRoom().hours.with(0, { opens, closes: '18:00' }) });

    expect(hours('')).toBe('Say when the room opens and closes.');
    expect(hours('25')).toBe('Say when the room opens and closes.');
    expect(hours('07:30')).toBe('');
  });

  it('is not edited here with two openings on one day, of which one would be lost', () => {
    expect(fitsForm(ROOM)).toBe(true);
    expect(fitsForm({ openingHours: [...ROOM.openingHours, ...ROOM.openingHours] })).toBe(false);
  });
});

describe('what is booked in a room that works less', () => {
  const clock = hospitalTime('Europe/Berlin');
  /** From Monday, 5 January 2026, in the hospital's time. */
  const booked = (from: string, until: string) => ({ appointment: { startsAt: clock.instant(from), endsAt: clock.instant(until) } }) as Order;
  const outside = (orders: Order[], change: Partial<ReturnType<typeof emptyRoom>> = {}) => leftOutside(orders, { ...emptyRoom(), ...change }, clock);
  const MORNING = booked('2026-01-05 08:00', '2026-01-05 08:30');

  it('stays inside while the room is open from its beginning to its end', () => {
    expect(outside([MORNING, booked('2026-01-05 17:30', '2026-01-05 18:00')])).toEqual([]);
  });

  it('is counted for each day on which it stands outside of the hours', () => {
    const orders = [booked('2026-01-07 17:45', '2026-01-07 18:15'), booked('2026-01-06 07:30', '2026-01-06 08:30'), booked('2026-01-07 19:00', '2026-01-07 19:30'), MORNING];

    expect(outside(orders)).toEqual([
      { day: '2026-01-06', count: 1 },
      { day: '2026-01-07', count: 2 },
    ]);
  });

  it('stands outside on a day that is closed, and wherever the room is out of use', () => {
    expect(outside([booked('2026-01-10 08:00', '2026-01-10 08:30')])).toEqual([{ day: '2026-01-10', count: 1 }]);
    expect(outside([MORNING], { active: false })).toEqual([{ day: '2026-01-05', count: 1 }]);
  });

  it('may go on over midnight where the room does', () => {
    const always: Pick<RoomFields, 'hours'> = { hours: emptyRoom().hours.map(() => ({ opens: '00:00', closes: '00:00' })) };
    const night = [booked('2026-01-05 23:45', '2026-01-06 00:15'), booked('2026-01-05 23:30', '2026-01-06 00:00')];

    expect(outside(night, always)).toEqual([]);
    expect(outside(night, { hours: always.hours.with(1, null) })).toEqual([{ day: '2026-01-05', count: 1 }]);
  });

  it('is told only once the hours are typed in full', () => {
    expect(outside([MORNING], { hours: emptyRoom().hours.with(0, { opens: '', closes: '18:00' }) })).toEqual([]);
  });
});
