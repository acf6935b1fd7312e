/** A room as a manager edits it: one line for each weekday, closed or with its hours. Pure. */
import type { Equipment, Modality, Order } from '@shared/api/types';
import type { HospitalTime } from '@shared/time/hospital-time';
import { isTimeOfDay } from '@shared/time/time-of-day';

export const WEEKDAYS = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'] as const;

export interface RoomFields {
  name: string;
  room: string;
  modality: Modality;
  aeTitle: string;
  active: boolean;
  hours: Array<{ opens: string; closes: string } | null>;
}

export const emptyRoom = (): RoomFields => ({
  name: '',
  room: '',
  modality: 'CT',
  aeTitle: '',
  active: true,
  hours: WEEKDAYS.map((_, weekday) => (weekday < 5 ? { opens: '08:00', closes: '18:00' } : null)),
});

type Source = Pick<Equipment, 'name' | 'room' | 'modality' | 'aeTitle' | 'active' | 'openingHours'>;

/** Whether the form can show all hours of a room: it has one line for each day. */
export const fitsForm = ({ openingHours }: Pick<Source, 'openingHours'>): boolean => new Set(openingHours.map(({ weekday }) => weekday)).size === openingHours.length;

export function fieldsOf({ name, room, modality, aeTitle, active, openingHours }: Source): RoomFields {
  const hours = WEEKDAYS.map((_, weekday) => {
    const found = openingHours.find((one) => one.weekday === weekday);
    return found ? { opens: found.opens.slice(0, 5), closes: found.closes.slice(0, 5) } : null;
  });
  return { name, room, modality, aeTitle, active, hours };
}

export function toRoomBody({ name, room, modality, aeTitle, active, hours }: RoomFields) {
  const openingHours = hours.flatMap((day, weekday) => (day ? [{ weekday, ...day }] : []));
  return { name: name.trim(), room: room.trim(), modality, aeTitle: aeTitle.trim(), active, openingHours };
}

/** What stands between the form and a room, as a sentence; empty when nothing does. */
export function missingInRoom({ name, room, hours }: RoomFields): string {
  if (name.trim() === '' || room.trim() === '') return 'A room has a name and a place.';
  return areHalfTyped(hours) ? 'Say when the room opens and closes.' : '';
}

const areHalfTyped = (hours: RoomFields['hours']): boolean => hours.some((day) => day && !(isTimeOfDay(day.opens) && isTimeOfDay(day.closes)));

export interface DayLeft {
  day: string;
  count: number;
}

/** The appointments that the room of the form would not be open for, by day; while its hours are half typed, none. */
export function leftOutside(orders: readonly Order[], fields: RoomFields, clock: HospitalTime): DayLeft[] {
  if (areHalfTyped(fields.hours)) return [];
  const counts = new Map<string, number>();
  for (const { appointment } of orders) {
    if (!appointment) continue;
    const [from, until] = [clock.wall(appointment.startsAt), clock.wall(appointment.endsAt)];
    if (fields.active && isOpen(fields.hours, from, until)) continue;
    const day = from.slice(0, 10);
    counts.set(day, (counts.get(day) ?? 0) + 1);
  }
  return [...counts].map(([day, count]) => ({ day, count })).toSorted((one, other) => one.day.localeCompare(other.day));
}

/** What overlaps a time, in the order of its beginning; what ends when the other begins does not. */
export const overlapping = <T extends { startsAt: string; endsAt: string }>(times: readonly T[], from: string, until: string): T[] =>
  times.filter(({ startsAt, endsAt }) => Date.parse(startsAt) < Date.parse(until) && Date.parse(from) < Date.parse(endsAt)).toSorted((one, other) => Date.parse(one.startsAt) - Date.parse(other.startsAt));

/** Between two times on the clock of the hospital's wall, also across a midnight at which one opening follows another. */
function isOpen(hours: RoomFields['hours'], from: string, until: string): boolean {
  const day = from.slice(0, 10);
  const open = hours[weekdayOf(day)];
  if (!open || open.opens > from.slice(11, 16)) return false;
  const midnight = `${dayAfter(day)} 00:00:00`;
  // What closes at 00:00 closes at the end of the day, as the server has it.
  if (open.closes > open.opens) return until <= `${day} ${open.closes}:00`;
  return until <= midnight || isOpen(hours, midnight, until);
}

const noonOf = (day: string): Date => new Date(`${day}T12:00:00Z`);
const weekdayOf = (day: string): number => (noonOf(day).getUTCDay() + 6) % 7;
const dayAfter = (day: string): string => new Date(noonOf(day).getTime() + 86_400_000).toISOString().slice(0, 10);
