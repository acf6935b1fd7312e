import { Alert, Anchor, Text } from '@mantine/core';
import { bookedInQuery } from '@shared/api/orders';
import type { Equipment } from '@shared/api/types';
import { useClock } from '@shared/shell/portal-context';
import { calendarDate } from '@shared/viewer/study-listing';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { DayLeft, RoomFields } from '../domain/rooms';
import { leftOutside } from '../domain/rooms';

const DAYS_NAMED = 6;

/** What is booked in a room stays there when the room works less, or not at all: somebody has to move it. */
export function useStillBooked(room: Equipment | undefined, fields: RoomFields): { days: DayLeft[]; isCut: boolean } {
  const clock = useClock();
  const booked = useQuery({ ...bookedInQuery(room?.id ?? '', clock.today()), enabled: room !== undefined });
  const { items, total } = booked.data ?? { items: [], total: 0 };
  return { days: room ? leftOutside(items, fields, clock) : [], isCut: total > items.length };
}

interface StillBookedProps {
  room: Equipment;
  days: DayLeft[];
  isCut: boolean;
  /** The way to a day leads off the form, so it opens only where nothing that was typed is left behind. */
  isSaved: boolean;
  onLeave: () => void;
}

export function StillBooked({ room, days, isCut, isSaved, onLeave }: StillBookedProps) {
  const total = days.reduce((sum, { count }) => sum + count, 0);
  if (total === 0) return null;
  const more = days.length - DAYS_NAMED;
  return (
    <Alert color="yellow" icon={<IconAlertTriangle size={18} />}>
      {isCut ? 'At least ' : ''}
      {total === 1 ? '1 appointment stands' : `${total} appointments stand`} in this room while it is closed, and {total === 1 ? 'stays' : 'stay'} there until moved.
      <Text size="sm" mt={4}>
        {days.slice(0, DAYS_NAMED).map(({ day, count }, index) => (
          <span key={day}>
            {index > 0 && ', '}
            {isSaved ? (
              <Anchor component={Link} to="/schedule" search={{ date: day, modality: room.modality, view: 'list' } as never} size="sm" onClick={onLeave}>
                {calendarDate(day)}
              </Anchor>
            ) : (
              calendarDate(day)
            )}{' '}
            ({count})
          </span>
        ))}
        {more > 0 && ` and ${more} more ${more === 1 ? 'day' : 'days'}`}
        {!isSaved && '. When the room is saved, each day can be opened from here.'}
      </Text>
    </Alert>
  );
}
