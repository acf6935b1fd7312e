import '@mantine/schedule/styles.css';
import { Text } from '@mantine/core';
import { ResourcesDayView } from '@mantine/schedule';
import { reschedule } from '@shared/api/orders';
import type { Equipment, Order } from '@shared/api/types';
import { noted, refused, told } from '@shared/feedback/toasts';
import { useClock, useMay } from '@shared/shell/portal-context';
import { examStatusLabel } from '@shared/theme/status';
import { personName } from '@shared/time/hospital-time';
import { useNow } from '@shared/time/use-now';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Hours } from '../domain/hours';
import { hoursAround, timesOn } from '../domain/hours';
import type { TimelineEvent } from '../domain/schedule';
import { hoursShown, timelineEvents } from '../domain/schedule';
import classes from './schedule.module.css';
import { useTimeInView } from './use-time-in-view';

/** Height of a room: three lines of an appointment. */
export const ROW_PX = 64;

/** The rooms of one day; what is scheduled can be dragged to another time or room. */
export function Timeline({ date, orders, rooms: newestRooms, onSelect }: { date: string; orders: Order[]; rooms: Equipment[]; onSelect: (id: string) => void }) {
  const clock = useClock();
  const may = useMay();
  const now = useNow();
  const queries = useQueryClient();
  const [openedAt] = useState(now);
  const [held, setHeld] = useState<{ events: TimelineEvent[]; rooms: Equipment[]; hours: Hours } | null>(null);
  const move = useMutation({
    mutationFn: ({ order, startsAt, equipmentId }: { order: Order; startsAt: string; equipmentId: string }) => reschedule(order, { startsAt, equipmentId }),
    onSuccess: (order) => {
      told(`Moved to ${order.appointment ? `${clock.time(order.appointment.startsAt)}, ${order.appointment.equipmentName}` : 'another time'}`);
      void queries.invalidateQueries({ queryKey: ['orders', 'list'] });
    },
    onError: (error) => refused(error, 'Not moved'),
  });
  const isToday = date === clock.day(new Date(now));
  const timeOf = (at: number) => clock.wall(new Date(at)).slice(11);
  const newest = timelineEvents(orders, newestRooms, clock);
  const newestHours = hoursAround(hoursShown(newestRooms), [...timesOn(date, newest), ...(isToday ? [openedAt, now].map(timeOf) : [])]);
  // Under a pointer that drags, nothing moves: news wait until it lets go.
  const { events, rooms, hours } = held ?? { events: newest, rooms: newestRooms, hours: newestHours };
  const viewport = useTimeInView(hours, isToday ? timeOf(now) : null);
  const orderOf = (id: string | number) => events.find((event) => event.id === id)?.payload.order;
  return (
    <ResourcesDayView
      date={date}
      resources={rooms.map(({ id, name }) => ({ id, label: name }))}
      renderResourceLabel={({ id }) => <RoomLabel room={rooms.find((room) => room.id === id)} />}
      events={events}
      startTime={hours.from}
      endTime={hours.until}
      intervalMinutes={30}
      eventDragInterval={5}
      slotWidth={112}
      withCurrentTimeBubble={false}
      labels={{ resources: 'Room', resourceSlot: 'Time in' }}
      rowHeight={ROW_PX}
      withHeader={false}
      slotLabelFormat="HH:mm"
      withCurrentTimeIndicator={isToday}
      getCurrentTime={() => clock.wall(new Date(now))}
      maxEventsPerTimeSlot={3}
      withEventsDragAndDrop={may('order.reschedule')}
      canDragEvent={(event) => orderOf(event.id)?.status === 'SCHEDULED'}
      onEventDragStart={() => setHeld({ events, rooms, hours })}
      onEventDragEnd={() => setHeld(null)}
      onEventClick={(event) => orderOf(event.id) && onSelect(String(event.id))}
      onEventDrop={({ eventId, newStart, resourceId, event }) => {
        const order = orderOf(eventId);
        const room = rooms.find(({ id }) => id === (resourceId ?? event.resourceId));
        if (order && room && !room.active) noted(`${room.name} is not in use: choose another room.`, 'Not moved');
        else if (order) move.mutate({ order, startsAt: clock.instant(newStart), equipmentId: String(resourceId ?? event.resourceId) });
      }}
      renderEventBody={(event) => <EventBody event={event as unknown as TimelineEvent} />}
      scrollAreaProps={{ viewportRef: viewport, viewportProps: { tabIndex: 0, 'aria-label': 'Rooms and appointments' } }}
      classNames={{ resourcesDayViewCorner: classes.corner, resourcesDayViewTimeLabel: classes.time }}
    />
  );
}

function RoomLabel({ room }: { room: Equipment | undefined }) {
  if (!room) return null;
  return (
    <span className={classes.room}>
      <Text span size="sm" fw={600} display="block">
        {room.name}
      </Text>
      <Text span size="xs" c="var(--text-dim)">
        {room.room}
      </Text>
      {!room.active && (
        <Text span size="xs" fw={600} c="var(--warning)" display="block">
          Not in use
        </Text>
      )}
    </span>
  );
}

function EventBody({ event }: { event: TimelineEvent }) {
  const { order } = event.payload;
  if (!order) return <span className={classes.blocked}>{event.title}</span>;
  return (
    <span className={classes.event} title={`${personName(order.patient.name)}, ${order.studyType}`}>
      <strong>
        {order.priority === 'STAT' ? 'STAT ' : ''}
        {personName(order.patient.name)}
      </strong>
      <span>{order.studyType}</span>
      <span>{examStatusLabel(order)}</span>
    </span>
  );
}
