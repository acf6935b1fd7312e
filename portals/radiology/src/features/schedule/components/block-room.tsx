import { ActionIcon, Button, Group, Modal, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import { blockTime, unblockTime } from '@shared/api/equipment';
import type { Equipment } from '@shared/api/types';
import { refused, told } from '@shared/feedback/toasts';
import { useClock } from '@shared/shell/portal-context';
import type { HospitalTime } from '@shared/time/hospital-time';
import { useCoarseNow } from '@shared/time/use-now';
import { IconTrash } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

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
  const refresh = () => queries.invalidateQueries({ queryKey: ['equipment'] });
  const block = useMutation({
    mutationFn: () => blockTime(roomId ?? '', { startsAt: clock.instant(from ?? ''), endsAt: clock.instant(until ?? ''), reason: reason.trim() }),
    onSuccess: () => {
      told('The room is blocked');
      setReason('');
      void refresh();
    },
    onError: (error) => refused(error, 'Not blocked'),
  });
  const free = useMutation({
    mutationFn: ({ room, block: id }: { room: string; block: string }) => unblockTime(room, id),
    onSuccess: () => {
      told('The time is free again');
      void refresh();
    },
    onError: (error) => refused(error, 'Still blocked'),
  });
  const blocked = rooms.flatMap((room) => room.blockedTimes.map((time) => ({ room, time })));
  const isReady = roomId && from && until && from < until && reason.trim() !== '';
  return (
    <Stack gap="sm">
      <Select label="Room" required data={rooms.map((room) => ({ value: room.id, label: `${room.name}, ${room.room}` }))} value={roomId} onChange={setRoomId} />
      <Group grow>
        <DateTimePicker label="From" valueFormat="D MMM YYYY HH:mm" value={from} onChange={setFrom} />
        <DateTimePicker label="Until" valueFormat="D MMM YYYY HH:mm" value={until} onChange={setUntil} />
      </Group>
      <TextInput label="Why" required value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
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
