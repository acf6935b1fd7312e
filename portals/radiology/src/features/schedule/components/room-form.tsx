import { Button, Checkbox, Group, Modal, Select, SimpleGrid, Stack, Text, TextInput } from '@mantine/core';
import { addRoom, saveRoom } from '@shared/api/equipment';
import type { Equipment, Modality } from '@shared/api/types';
import { refused, told } from '@shared/feedback/toasts';
import { TimeField } from '@shared/time/time-field';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { RoomFields } from '../domain/rooms';
import { emptyRoom, fieldsOf, fitsForm, missingInRoom, toRoomBody, WEEKDAYS } from '../domain/rooms';
import { StillBooked, useStillBooked } from './still-booked';

const NEW = 'NEW';
const MODALITIES = [
  { value: 'CT', label: 'CT' },
  { value: 'MRI', label: 'MRI' },
  { value: 'XRAY', label: 'X-ray' },
  { value: 'USG', label: 'Ultrasound' },
];

/** A room that opens twice on a day cannot be shown in one line for each day, and is not changed here. */
const toChoice = (room: Equipment) => ({ value: room.id, label: `${room.name}, ${room.room}${fitsForm(room) ? '' : ' (opens twice a day)'}`, disabled: !fitsForm(room) });

/** Which rooms there are, what stands in them, and when they work. */
export function RoomDialog({ opened, onClose, rooms }: { opened: boolean; onClose: () => void; rooms: Equipment[] }) {
  const [chosen, setChosen] = useState(NEW);
  const room = rooms.find(({ id }) => id === chosen);
  return (
    <Modal opened={opened} onClose={onClose} title="Rooms" size="lg">
      {opened && (
        <Stack gap="sm">
          <Select label="Which" allowDeselect={false} value={chosen} onChange={(value) => setChosen(value ?? NEW)} data={[{ value: NEW, label: 'A new room' }, ...rooms.map(toChoice)]} />
          <RoomForm key={chosen} room={room} onDone={onClose} />
        </Stack>
      )}
    </Modal>
  );
}

function RoomForm({ room, onDone }: { room: Equipment | undefined; onDone: () => void }) {
  const queries = useQueryClient();
  const [fields, setFields] = useState<RoomFields>(room ? fieldsOf(room) : emptyRoom());
  const left = useStillBooked(room, fields);
  const [key] = useState(() => crypto.randomUUID());
  const change = (part: Partial<RoomFields>) => setFields((now) => ({ ...now, ...part }));
  const save = useMutation({
    mutationFn: () => (room ? saveRoom(room, toRoomBody(fields)) : addRoom(toRoomBody(fields), key)),
    onSuccess: () => {
      told(room ? 'The room is changed' : 'The room is added');
      void queries.invalidateQueries({ queryKey: ['equipment'] });
      // Where appointments are left behind, the form stays and leads to them.
      if (left.days.length === 0) onDone();
    },
    onError: (error) => refused(error, 'Not saved'),
  });
  const missing = missingInRoom(fields);
  const isSaved = room !== undefined && JSON.stringify(fields) === JSON.stringify(fieldsOf(room));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (missing === '') save.mutate();
      }}
    >
      <Stack gap="sm">
        <SimpleGrid cols={2}>
          <TextInput label="Name" required value={fields.name} onChange={(event) => change({ name: event.currentTarget.value })} />
          <TextInput label="Place" required value={fields.room} onChange={(event) => change({ room: event.currentTarget.value })} />
          <Select label="Modality" required allowDeselect={false} data={MODALITIES} value={fields.modality} onChange={(value) => value && change({ modality: value as Modality })} />
          <TextInput label="AE title of the machine" maxLength={16} value={fields.aeTitle} onChange={(event) => change({ aeTitle: event.currentTarget.value })} />
        </SimpleGrid>
        <fieldset style={{ border: 0, padding: 0, margin: 0 }}>
          <Text component="legend" size="sm" fw={500} mb={4}>
            Opening hours
          </Text>
          <Stack gap={4}>
            {WEEKDAYS.map((day, weekday) => (
              <Hours key={day} day={day} hours={fields.hours[weekday]} onChange={(hours) => change({ hours: fields.hours.with(weekday, hours) })} />
            ))}
          </Stack>
        </fieldset>
        <Checkbox label="In use: exams can be booked" checked={fields.active} onChange={(event) => change({ active: event.currentTarget.checked })} />
        {room && <StillBooked room={room} {...left} isSaved={isSaved} onLeave={onDone} />}
        <Group justify="space-between">
          <Text size="sm" c="var(--text-dim)" role="status">
            {missing}
          </Text>
          <Button type="submit" disabled={missing !== ''} loading={save.isPending}>
            {room ? 'Save the room' : 'Add the room'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

type DayHours = RoomFields['hours'][number];

function Hours({ day, hours, onChange }: { day: string; hours: DayHours | undefined; onChange: (hours: DayHours) => void }) {
  return (
    <Group gap="sm" wrap="nowrap">
      <Checkbox w={130} label={day} checked={Boolean(hours)} onChange={(event) => onChange(event.currentTarget.checked ? { opens: '08:00', closes: '18:00' } : null)} />
      {hours ? (
        <>
          <TimeField size="xs" aria-label={`${day} opens`} value={hours.opens} onChange={(opens) => onChange({ ...hours, opens })} />
          <TimeField size="xs" aria-label={`${day} closes`} value={hours.closes} onChange={(closes) => onChange({ ...hours, closes })} />
        </>
      ) : (
        <Text size="sm" c="var(--text-dim)">
          closed
        </Text>
      )}
    </Group>
  );
}
