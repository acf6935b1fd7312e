import { describe, expect, it } from 'vitest';
import { emptyRoom, fieldsOf, fitsForm, missingInRoom, toRoomBody } from './rooms';

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

  it('is not edited here with two openings on one day, of which one would be lost', () => {
    expect(fitsForm(ROOM)).toBe(true);
    expect(fitsForm({ openingHours: [...ROOM.openingHours, ...ROOM.openingHours] })).toBe(false);
  });
});
