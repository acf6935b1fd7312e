import { Button, Group, Modal, Paper, Stack, Text, TextInput } from '@mantine/core';
import { decide, decidedQuarantineQuery, quarantineQuery, reopen } from '@shared/api/studies';
import type { QuarantinedItem } from '@shared/api/types';
import { refused } from '@shared/feedback/toasts';
import { examName } from '@shared/order-form/exam-name';
import { useClock } from '@shared/shell/portal-context';
import { Empty } from '@shared/states/states';
import { personName } from '@shared/time/hospital-time';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { Listed } from './listed';
import { TakeBack } from './take-back';
import { useSenderName } from './use-sender-name';
import { useTakingBack } from './use-taking-back';
import { WaitingOrDecided } from './waiting-or-decided';

export function Quarantine() {
  return <WaitingOrDecided label="Which images">{{ waiting: <Waiting />, decided: <Decided /> }}</WaitingOrDecided>;
}

function Waiting() {
  const empty = <Empty title="Nothing in quarantine">No image arrived twice with different content.</Empty>;
  return (
    <Listed query={useQuery(quarantineQuery)} scope="waiting" keyOf={({ instance }) => instance.id} nouns={['image', 'images']} empty={empty}>
      {(item, settle) => <Quarantined item={item} onSettled={settle} />}
    </Listed>
  );
}

function Decided() {
  const empty = <Empty title="Nothing was decided in the last seven days" />;
  return (
    <Listed query={useQuery(decidedQuarantineQuery)} scope="decided" keyOf={({ instance }) => instance.id} nouns={['decision', 'decisions']} empty={empty}>
      {(item, settle) => <DecidedItem item={item} onSettled={settle} />}
    </Listed>
  );
}

interface ItemProps {
  item: QuarantinedItem;
  onSettled: () => void;
}

function Quarantined({ item, onSettled }: ItemProps) {
  const sender = useSenderName(item.instance.receivedFrom);
  const clock = useClock();
  const queries = useQueryClient();
  const [decision, setDecision] = useState<'DISCARD' | 'KEEP_AS_NEW' | null>(null);
  const [reason, setReason] = useState('');
  const offer = useTakingBack();
  const save = useMutation({
    mutationFn: () => decide(item.instance.id, { decision: decision ?? 'DISCARD', reason: reason.trim() }),
    onSuccess: () => {
      const done = decision === 'DISCARD' ? 'The second image stays out' : 'The second image is kept under a new identifier';
      offer(done, () => reopen(item.studyInstanceUid, item.instance.id, 'Undone at once'));
      setDecision(null);
      onSettled();
      void queries.invalidateQueries({ queryKey: ['studies', 'list'] });
    },
    onError: (error) => refused(error, 'Not decided'),
  });
  return (
    <Paper p="md" bg="dark.6" component="article" aria-label={`Image of ${personName(item.patientName)} to decide about`}>
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Text size="md" fw={600}>
            {personName(item.patientName)} · {item.patientId}
          </Text>
          <Text size="sm">
            {examName(item.modality, item.studyDescription)}: {item.instance.reason}
          </Text>
          <Text size="xs" c="var(--text-dim)">
            {clock.dateTime(item.instance.receivedAt)} from {sender} · {Math.round(item.instance.sizeBytes / 1024)} KB
          </Text>
        </div>
        <Group gap="xs" wrap="nowrap">
          <Button variant="default" onClick={() => setDecision('KEEP_AS_NEW')}>
            Keep as a new image
          </Button>
          <Button variant="default" color="red" onClick={() => setDecision('DISCARD')}>
            Leave out
          </Button>
        </Group>
      </Group>
      <Modal opened={decision !== null} onClose={() => setDecision(null)} title={decision === 'DISCARD' ? 'Leave this image out' : 'Keep as a new image'}>
        <Stack gap="sm">
          <Text size="sm">The image that was stored first is not touched in either case. For seven days this can be taken back.</Text>
          <TextInput label="Why" required value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
          <Group justify="flex-end">
            <Button disabled={reason.trim() === ''} loading={save.isPending} onClick={() => save.mutate()}>
              Decide
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Paper>
  );
}

const DECISIONS: Record<string, string> = { DISCARD: 'Left out', KEEP_AS_NEW: 'Kept as a new image' };

function DecidedItem({ item, onSettled }: ItemProps) {
  const clock = useClock();
  const { decision, decidedBy, decidedAt, decisionReason } = item.instance;
  return (
    <Paper p="md" bg="dark.6" component="article" aria-label={`Decision about an image of ${personName(item.patientName)}`}>
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Text size="md" fw={600}>
            {personName(item.patientName)} · {item.patientId}
          </Text>
          <Text size="sm">
            {DECISIONS[decision] ?? decision} by {decidedBy?.name ?? 'unknown'}
            {decidedAt && `, ${clock.dateTime(decidedAt)}`}: {decisionReason}
          </Text>
          <Text size="xs" c="var(--text-dim)">
            {examName(item.modality, item.studyDescription)} · {item.instance.reason}
            {item.undoUntil && ` · can be taken back until ${clock.dateTime(item.undoUntil)}`}
          </Text>
        </div>
        <TakeBack
          note={`The image stands on the list again.${decision === 'KEEP_AS_NEW' ? ' It leaves the study, also for those who have it open, and what was measured in it is no longer shown.' : ''}`}
          undo={(reason) => reopen(item.studyInstanceUid, item.instance.id, reason)}
          onDone={onSettled}
        />
      </Group>
    </Paper>
  );
}
