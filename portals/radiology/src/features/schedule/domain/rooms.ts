/** A room as a manager edits it: one line for each weekday, closed or with its hours. Pure. */
import type { Equipment, Modality } from '@shared/api/types';

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
  return hours.some((day) => day && (day.opens === '' || day.closes === '')) ? 'Say when the room opens and closes.' : '';
}
