import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import type { Study } from '@shared/api/types';
import { examName } from '@shared/order-form/exam-name';
import { personName } from '@shared/time/hospital-time';
import { useState } from 'react';

/** Images as they call themselves. */
export type Received = Pick<Study, 'patientName' | 'patientId' | 'modality' | 'studyDescription'>;

interface ReasonFormProps {
  of: Received;
  /** What follows from it. */
  note: string;
  label: string;
  action: string;
  isBusy: boolean;
  onReason: (reason: string) => void;
}

/** Each decision has its reason. */
export function ReasonForm({ of, note, label, action, isBusy, onReason }: ReasonFormProps) {
  const [reason, setReason] = useState('');
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        onReason(reason.trim());
      }}
    >
      <Stack gap="sm">
        <Text size="sm" fw={600}>
          {personName(of.patientName)} · {of.patientId} · {examName(of.modality, of.studyDescription)}
        </Text>
        <Text size="sm">{note}</Text>
        <TextInput label={label} required value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
        <Group justify="flex-end">
          <Button type="submit" disabled={reason.trim() === ''} loading={isBusy}>
            {action}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
