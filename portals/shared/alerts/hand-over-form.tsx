import { Button, Group, Select, Stack, TextInput } from '@mantine/core';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { handOver } from '../api/alerts';
import { peopleQuery } from '../api/people';
import type { Alert } from '../api/types';
import { refused, told } from '../feedback/toasts';

/** Not my patient: this person instead. The one who hands over stays responsible until the other confirms. */
export function HandOverForm({ alert, onDone }: { alert: Alert; onDone: () => void }) {
  const people = useQuery(peopleQuery());
  const [to, setTo] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const give = useMutation({
    mutationFn: () => handOver(alert.id, to ?? '', reason.trim()),
    onSuccess: () => {
      told('Handed over. The other person is told now.');
      onDone();
    },
    onError: (error) => refused(error, 'Not handed over'),
  });
  const data = (people.data?.items ?? []).filter((person) => person.id !== alert.responsibleId && person.roles.some((role) => role !== 'RADIOLOGY_TECH')).map((person) => ({ value: person.id, label: person.name }));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        give.mutate();
      }}
    >
      <Stack gap="sm">
        <Select label="To whom" required searchable data={data} value={to} onChange={setTo} data-autofocus />
        <TextInput label="Why" required value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
        <Group justify="flex-end">
          <Button type="submit" disabled={!to || reason.trim() === ''} loading={give.isPending}>
            Hand over
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
