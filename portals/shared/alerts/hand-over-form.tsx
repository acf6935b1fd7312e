import { Button, Group, Stack, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { handOver } from '../api/alerts';
import type { Alert, Person } from '../api/types';
import { refused, told } from '../feedback/toasts';
import type { Chosen } from '../people/person-select';
import { PersonSelect } from '../people/person-select';

const REACHABLE = { canBeTold: true };

/** Not my patient: this person instead. The one who hands over stays responsible until the other confirms. */
export function HandOverForm({ alert, onDone }: { alert: Alert; onDone: () => void }) {
  const [to, setTo] = useState<Chosen | null>(null);
  const [reason, setReason] = useState('');
  const isOffered = ({ id, roles }: Person) => id !== alert.responsibleId && id !== alert.finding.foundBy.id && roles.some((role) => role !== 'RADIOLOGY_TECH');
  const give = useMutation({
    mutationFn: () => handOver(alert.id, to?.id ?? '', reason.trim()),
    onSuccess: () => {
      told('Handed over. The other person is told now.');
      onDone();
    },
    onError: (error) => refused(error, 'Not handed over'),
  });
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        give.mutate();
      }}
    >
      <Stack gap="sm">
        <PersonSelect label="To whom" value={to} onChange={setTo} among={REACHABLE} isOffered={isOffered} nobody="Nobody of this name can be reached by the on-call list" data-autofocus />
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
