import { ActionIcon, Alert, Button, Group, Modal, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import { blockTime, unblockTime } from '@shared/api/equipment';
import { bookedBetweenQuery } from '@shared/api/orders';
import type { Equipment } from '@shared/api/types';
import { refused, told } from '@shared/feedback/toasts';
import { sentenceOf } from '@shared/http/problem';
import { useClock } from '@shared/shell/portal-context';
import type { HospitalTime } from '@shared/time/hospital-time';
import { personName } from '@shared/time/hospital-time';
import { useCoarseNow } from '@shared/time/use-now';
import { IconAlertTriangle, IconTrash } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { overlapping } from '../domain/rooms';
import classes from './schedule.module.css';

interface BlockRoomProps {
  opened: boolean;
  onClose: () => void;
  rooms: Equipment[];
  date: string;
}

/** A room that is not to be had for a while: service, cleaning, training. */
export function BlockRoom({ opened, onClose, rooms, date }: BlockRoomProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Block a room" size="lg">
      {opened && <BlockForm rooms={rooms} date={date} />}
    </Modal>
  );
}

const HOUR_MS = 3_600_000;

/** What is proposed: noon of the day that is shown, or the next full hour when that is over. */
function firstHour(date: string, now: number, clock: HospitalTime): number {
  return Math.max(Date.parse(clock.instant(`${date} 12:00:00`)), Math.ceil(now / HOUR_MS) * HOUR_MS);
}

function BlockForm({ rooms, date }: { rooms: Equipment[]; date: string }) {
  const clock = useClock();
  const queries = useQueryClient();
  const [roomId, setRoomId] = useState<string | null>(null);
  const now = useCoarseNow();
  const [begin] = useState(() => firstHour(date, now, clock));
  const [from, setFrom] = useState<string | null>(clock.wall(new Date(begin)));
  const [until, setUntil] = useState<string | null>(clock.wall(new Date(begin + HOUR_MS)));
  const [reason, setReason] = useState('');
  const inTheWay = useInTheWay(rooms.find(({ id }) => id === roomId), from && clock.instant(from), until && clock.instant(until));
  const refresh = () => queries.invalidateQueries({ queryKey: ['equipment'] });
  const block = useMutation({
    mutationFn: () => blockTime(roomId ?? '', { startsAt: clock.instant(from ?? ''), endsAt: clock.instant(until ?? ''), reason: reason.trim() }),
    onSuccess: () => {
      told('The room is blocked');
      setRoomId(null);
      setReason('');
      void refresh();
    },
    // Something may have come into that time, which the form then shows.
    onError: () => Promise.all([refresh(), queries.invalidateQueries({ queryKey: ['orders', 'list'] })]),
  });
  /** What was refused was another time, or another room. */
  const changing = <T,>(set: (value: T) => void) => (value: T) => {
    block.reset();
    set(value);
  };
  const free = useMutation({
    mutationFn: ({ room, block: id }: { room: string; block: string }) => unblockTime(room, id),
    onSuccess: () => {
      told('The time is free again');
      void refresh();
    },
    onError: (error) => refused(error, 'Still blocked'),
  });
  const blocked = rooms.flatMap((room) => room.blockedTimes.map((time) => ({ room, time })));
  const isReady = roomId && from && until && from < until && reason.trim() !== '' && inTheWay.length === 0;
  return (
    <Stack gap="sm">
      <Select label="Room" required data={rooms.map((room) => ({ value: room.id, label: `${room.name}, ${room.room}` }))} value={roomId} onChange={changing(setRoomId)} />
      <Group grow>
        <DateTimePicker label="From" valueFormat="D MMM YYYY HH:mm" value={from} onChange={changing(setFrom)} />
        <DateTimePicker label="Until" valueFormat="D MMM YYYY HH:mm" value={until} onChange={changing(setUntil)} />
      </Group>
      <TextInput label="Why" required value={reason} onChange={(event) => changing(setReason)(event.currentTarget.value)} />
      <InTheWay taken={inTheWay} />
      {block.error && inTheWay.length === 0 && !block.isPending && (
        <Alert color="red" icon={<IconAlertTriangle size={18} />}>
          Not blocked: {sentenceOf(block.error)}
        </Alert>
      )}
      <Group justify="flex-end">
        <Button disabled={!isReady} loading={block.isPending} onClick={() => block.mutate()}>
          Block
        </Button>
      </Group>
      {blocked.length > 0 && <Title order={3}>Blocked now or later</Title>}
      {blocked.map(({ room, time }) => (
        <Group key={time.id} justify="space-between">
          <Text size="sm">
            {room.name}: {clock.dateTime(time.startsAt)}–{clock.time(time.endsAt)}, {time.reason}
          </Text>
          <ActionIcon aria-label={`Free ${room.name} from ${time.reason}`} onClick={() => free.mutate({ room: room.id, block: time.id })}>
            <IconTrash size={15} />
          </ActionIcon>
        </Group>
      ))}
    </Stack>
  );
}

interface Taken {
  id: string;
  startsAt: string;
  endsAt: string;
  what: string;
  isAppointment: boolean;
}

const DAY_MS = 86_400_000;

/** What stands in the room in that time: appointments, and times for which it is blocked already. */
function useInTheWay(room: Equipment | undefined, from: string | null, until: string | null): Taken[] {
  const clock = useClock();
  // What goes on over a midnight began on the day before.
  const dateFrom = from ? clock.day(new Date(Date.parse(from) - DAY_MS)) : '';
  const isAsked = room !== undefined && from !== null && until !== null && from < until;
  const booked = useQuery({ ...bookedBetweenQuery(room?.id ?? '', dateFrom, until ? clock.day(until) : ''), enabled: isAsked });
  if (!isAsked) return [];
  const appointments = (booked.data?.items ?? []).flatMap(({ id, appointment, status, patient, studyType }) =>
    appointment && status !== 'CANCELLED' ? { id, startsAt: appointment.startsAt, endsAt: appointment.endsAt, what: [personName(patient.name), patient.mrn, studyType].join(', '), isAppointment: true } : [],
  );
  const blocks = room.blockedTimes.map(({ id, startsAt, endsAt, reason }) => ({ id, startsAt, endsAt, what: `blocked already, ${reason}`, isAppointment: false }));
  return overlapping([...appointments, ...blocks], from, until);
}

function titleOf(taken: Taken[]): string {
  const count = taken.filter(({ isAppointment }) => isAppointment).length;
  if (count === 0) return 'The room is blocked in this time already.';
  return count === 1 ? '1 appointment stands in this time. Move it first.' : `${count} appointments stand in this time. Move them first.`;
}

function InTheWay({ taken }: { taken: Taken[] }) {
  const clock = useClock();
  if (taken.length === 0) return null;
  return (
    <Alert color="yellow" icon={<IconAlertTriangle size={18} />} title={titleOf(taken)}>
      <ul className={classes.list}>
        {taken.map(({ id, startsAt, endsAt, what }) => (
          <li key={id}>
            {clock.dateTime(startsAt)}–{clock.time(endsAt)}: {what}
          </li>
        ))}
      </ul>
    </Alert>
  );
}
