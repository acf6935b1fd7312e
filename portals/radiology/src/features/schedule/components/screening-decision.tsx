import { Alert, Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { screenPatient } from '@shared/api/orders';
import type { Order } from '@shared/api/types';
import { refused, told } from '@shared/feedback/toasts';
import { screeningDetails } from '@shared/order-form/screening-details';
import { useClock } from '@shared/shell/portal-context';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useState } from 'react';

type Screening = NonNullable<Order['screening']>;

/** What speaks against the exam, and who has to decide. */
export function NotPassed({ screening, children }: { screening: Screening; children?: ReactNode }) {
  return (
    <Alert color="red" icon={<IconAlertTriangle size={18} />} title="Not passed: the exam cannot start" role="alert">
      <Stack gap="xs">
        {screening.concerns.map((concern) => (
          <Text key={concern} size="sm">
            {concern}
          </Text>
        ))}
        {children ?? <Text size="sm">A radiologist has to decide, with a reason: on this order, in the schedule.</Text>}
      </Stack>
    </Alert>
  );
}

/** The radiologist decides over the answers that stand; the server keeps who it was. */
export function ScreeningDecision({ order, screening, onAnswer, onDone }: { order: Order; screening: Screening; onAnswer: () => void; onDone: () => void }) {
  const clock = useClock();
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const decide = useMutation({
    mutationFn: () => screenPatient(order, { overrideReason: reason.trim() }),
    onSuccess: () => {
      told('Cleared: the exam can start');
      onDone();
    },
    onError: (error) => refused(error, 'Not decided'),
    onSettled: () => queries.invalidateQueries({ queryKey: ['orders'] }),
  });
  return (
    <Stack gap="md">
      <NotPassed screening={screening}>
        {screeningDetails(order).map((detail) => (
          <Text key={detail} size="sm" style={{ whiteSpace: 'pre-wrap' }}>
            {detail}
          </Text>
        ))}
        <Text size="xs" c="var(--text-dim)">
          Answered by {screening.screenedBy.name}, {clock.dateTime(screening.screenedAt)}
        </Text>
      </NotPassed>
      <Textarea label="Reason to go on nevertheless" description="Kept with your name" required autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
      <Group justify="space-between">
        <Button variant="default" onClick={onAnswer}>
          Answer anew
        </Button>
        <Button disabled={reason.trim() === ''} loading={decide.isPending} onClick={() => decide.mutate()}>
          Clear the exam
        </Button>
      </Group>
    </Stack>
  );
}
