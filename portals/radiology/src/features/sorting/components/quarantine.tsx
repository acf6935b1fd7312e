import { Button, Group, Paper, Text } from '@mantine/core';
import { decide, decidedQuarantineQuery, quarantineQuery, reopen } from '@shared/api/studies';
import type { QuarantinedItem } from '@shared/api/types';
import { refused } from '@shared/feedback/toasts';
import { examName } from '@shared/order-form/exam-name';
import { useClock } from '@shared/shell/portal-context';
import { Empty } from '@shared/states/states';
import { personName } from '@shared/time/hospital-time';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ComparedImages } from './compared-images';
import { ItemDialog } from './item-dialog';
import { Listed } from './listed';
import { ReasonForm } from './reason-form';
import { TakeBack } from './take-back';
import { useSenderName } from './use-sender-name';
import { useTakingBack } from './use-taking-back';
import { WaitingOrDecided } from './waiting-or-decided';

export function Quarantine() {
  return <WaitingOrDecided label="Which images">{{ waiting: <Waiting />, decided: <Decided /> }}</WaitingOrDecided>;
}

function Waiting() {
  const empty = <Empty title="Nothing in quarantine">No image contradicts what is stored.</Empty>;
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

type Decision = 'KEEP_AS_NEW' | 'DISCARD';

const DECISIONS: Record<Decision, { button: string; title: string; done: string; decided: string }> = {
  KEEP_AS_NEW: { button: 'Keep as a new image', title: 'Keep as a new image', done: 'The second image is kept under a new identifier', decided: 'Kept as a new image' },
  DISCARD: { button: 'Leave out', title: 'Leave this image out', done: 'The second image stays out', decided: 'Left out' },
};

function Quarantined({ item, onSettled }: ItemProps) {
  const sender = useSenderName(item.instance.receivedFrom);
  const clock = useClock();
  return (
    <Paper p="md" bg="dark.6" component="article" aria-label={`Image of ${personName(item.patientName)} to decide about`}>
      <Group justify="space-between" wrap="nowrap" align="flex-start" mb="sm">
        <div style={{ minWidth: 0 }}>
          <Text size="md" fw={600}>
            {personName(item.patientName)} · {item.patientId}
          </Text>
          <Text size="sm">
            {examName(item.modality, item.studyDescription)}: {item.instance.reason}
          </Text>
          <Text size="xs" c="var(--text-dim)">
            {clock.dateTime(item.instance.receivedAt)} from {sender}
          </Text>
        </div>
        <Group gap="xs" wrap="nowrap" style={{ flex: 'none' }}>
          <Decide item={item} decision="KEEP_AS_NEW" onSettled={onSettled} />
          <Decide item={item} decision="DISCARD" onSettled={onSettled} />
        </Group>
      </Group>
      <ComparedImages item={item} />
    </Paper>
  );
}

/** The button of a decision, and the dialog in which its reason is given. */
function Decide({ item, decision, onSettled }: ItemProps & { decision: Decision }) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const offer = useTakingBack();
  const words = DECISIONS[decision];
  const save = useMutation({
    mutationFn: (reason: string) => decide(item.instance.id, { decision, reason }),
    onSuccess: () => {
      offer(words.done, () => reopen(item.studyInstanceUid, item.instance.id, 'Undone at once'));
      setAsking(false);
      onSettled();
      void queries.invalidateQueries({ queryKey: ['studies', 'list'] });
    },
    onError: (error) => refused(error, 'Not decided'),
  });
  const note = 'The image that was stored first is not touched in either case. For seven days this can be taken back.';
  return (
    <>
      <Button variant="default" onClick={() => setAsking(true)}>
        {words.button}
      </Button>
      <ItemDialog opened={isAsking} onClose={() => setAsking(false)} title={words.title}>
        <ReasonForm of={item} note={note} label="Why" action="Decide" isBusy={save.isPending} onReason={save.mutate} />
      </ItemDialog>
    </>
  );
}

function DecidedItem({ item, onSettled }: ItemProps) {
  const clock = useClock();
  const { decision, decidedBy, decidedAt, decisionReason } = item.instance;
  return (
    <Paper p="md" bg="dark.6" component="article" aria-label={`Decision about an image of ${personName(item.patientName)}`}>
      <Group justify="space-between" wrap="nowrap" align="flex-start" mb="sm">
        <div style={{ minWidth: 0 }}>
          <Text size="md" fw={600}>
            {personName(item.patientName)} · {item.patientId}
          </Text>
          <Text size="sm">
            {decision in DECISIONS ? DECISIONS[decision as Decision].decided : decision} by {decidedBy?.name ?? 'unknown'}
            {decidedAt && `, ${clock.dateTime(decidedAt)}`}: {decisionReason}
          </Text>
          <Text size="xs" c="var(--text-dim)">
            {examName(item.modality, item.studyDescription)} · {item.instance.reason}
            {item.undoUntil && ` · can be taken back until ${clock.dateTime(item.undoUntil)}`}
          </Text>
        </div>
        <TakeBack
          of={item}
          note={`The image stands on the list again.${decision === 'KEEP_AS_NEW' ? ' It leaves the study, also for those who have it open, and what was measured in it is no longer shown.' : ''}`}
          undo={(reason) => reopen(item.studyInstanceUid, item.instance.id, reason)}
          onDone={onSettled}
        />
      </Group>
      <ComparedImages item={item} />
    </Paper>
  );
}
