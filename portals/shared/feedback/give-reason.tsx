import { Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { useState } from 'react';

export interface GiveReasonProps {
  /** What is decided over. */
  of: string;
  /** What follows from it. */
  note: string;
  label: string;
  action: string;
  isBusy: boolean;
  onReason: (reason: string) => void;
}

/** Each decision has its reason. */
export function GiveReason({ of, note, label, action, isBusy, onReason }: GiveReasonProps) {
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
          {of}
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
