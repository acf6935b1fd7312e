import { Alert, Badge, Button, Checkbox, Group, Modal, Paper, SegmentedControl, SimpleGrid, Stack, Tabs, Text, TextInput, Textarea, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { orderSearchQuery } from '@shared/api/orders';
import { peopleQuery } from '@shared/api/people';
import { decide, decidedQuarantineQuery, keepWithoutOrder, match, quarantineQuery, reopen, unmatch, unmatchedQuery } from '@shared/api/studies';
import type { Order, QuarantinedItem, Study, UnmatchedStudy } from '@shared/api/types';
import { refused, told } from '@shared/feedback/toasts';
import { Page } from '@shared/shell/page';
import { useClock } from '@shared/shell/portal-context';
import { Empty, Loaded } from '@shared/states/states';
import { personName } from '@shared/time/hospital-time';
import { thumbnailUrl } from '@shared/viewer/thumbnail-url';
import { calendarDate } from '@shared/viewer/study-listing';
import { IconAlertTriangle, IconArrowBackUp, IconCheck, IconDisc, IconSearch } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { compareFacts } from '../domain/compare';
import classes from './sorting.module.css';

const WHY: Record<string, string> = {
  NO_ORDER: 'No order fits',
  SEVERAL_ORDERS: 'Several orders fit',
  PATIENT_DIFFERS: 'The patient differs',
};

export function UnmatchedPage() {
  const studies = useQuery(unmatchedQuery);
  const quarantine = useQuery(quarantineQuery);
  return (
    <Page title="Unmatched images" subtitle="Images that need a person to say whose they are. A match can be taken back, and for seven days a decision about quarantine.">
      <Tabs defaultValue="studies">
        <Tabs.List mb="md">
          <Tabs.Tab value="studies">Studies without an order{studies.data ? ` (${studies.data.total})` : ''}</Tabs.Tab>
          <Tabs.Tab value="quarantine">Quarantine{quarantine.data ? ` (${quarantine.data.total})` : ''}</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="studies">
          <Loaded query={studies}>
            {(page) =>
              page.items.length === 0 ? (
                <Empty title="All images have their order" />
              ) : (
                <Stack gap="md">
                  {page.items.map((item) => (
                    <Unmatched key={item.study.id} item={item} />
                  ))}
                </Stack>
              )
            }
          </Loaded>
        </Tabs.Panel>
        <Tabs.Panel value="quarantine">
          <Quarantine />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

type Shown = 'waiting' | 'decided';

function Quarantine() {
  const [shown, setShown] = useState<Shown>('waiting');
  return (
    <Stack gap="sm" align="stretch">
      <SegmentedControl
        aria-label="Which images"
        style={{ alignSelf: 'flex-start' }}
        value={shown}
        onChange={(value) => setShown(value as Shown)}
        data={[
          { value: 'waiting', label: 'To decide' },
          { value: 'decided', label: 'Decided' },
        ]}
      />
      {shown === 'waiting' ? <Waiting /> : <Decided />}
    </Stack>
  );
}

function Waiting() {
  const query = useQuery(quarantineQuery);
  return (
    <Loaded query={query}>
      {(page) =>
        page.items.length === 0 ? (
          <Empty title="Nothing in quarantine">No image arrived twice with different content.</Empty>
        ) : (
          <Stack gap="sm">
            {page.items.map((item) => (
              <Quarantined key={item.instance.id} item={item} />
            ))}
          </Stack>
        )
      }
    </Loaded>
  );
}

function Decided() {
  const query = useQuery(decidedQuarantineQuery);
  return (
    <Loaded query={query}>
      {(page) =>
        page.items.length === 0 ? (
          <Empty title="Nothing was decided in the last seven days" />
        ) : (
          <Stack gap="sm">
            {page.items.map((item) => (
              <DecidedItem key={item.instance.id} item={item} />
            ))}
          </Stack>
        )
      }
    </Loaded>
  );
}

const DECISIONS: Record<string, string> = { DISCARD: 'Left out', KEEP_AS_NEW: 'Kept as a new image' };

function DecidedItem({ item }: { item: QuarantinedItem }) {
  const clock = useClock();
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const { decision, decidedBy, decidedAt, decisionReason } = item.instance;
  const undo = useMutation({
    mutationFn: () => reopen(item.studyInstanceUid, item.instance.id, reason.trim()),
    onSuccess: () => {
      told('Taken back');
      setAsking(false);
      void queries.invalidateQueries({ queryKey: ['studies', 'list'] });
    },
    onError: (error) => refused(error, 'Not taken back'),
  });
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
            {item.modality} {item.studyDescription} · {item.instance.reason}
            {item.undoUntil && ` · can be taken back until ${clock.dateTime(item.undoUntil)}`}
          </Text>
        </div>
        <Button variant="default" leftSection={<IconArrowBackUp size={14} />} onClick={() => setAsking(true)}>
          Undo
        </Button>
      </Group>
      <Modal opened={isAsking} onClose={() => setAsking(false)} title="Take this decision back">
        <Stack gap="sm">
          <Text size="sm">
            The image stands on the list again.{decision === 'KEEP_AS_NEW' && ' It leaves the study, also for those who have it open, and what was measured in it is no longer shown.'}
          </Text>
          <Textarea label="Why" required autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
          <Group justify="flex-end">
            <Button disabled={reason.trim() === ''} loading={undo.isPending} onClick={() => undo.mutate()}>
              Take back
            </Button>
          </Group>
        </Stack>
      </Modal>
    </Paper>
  );
}

function Unmatched({ item }: { item: UnmatchedStudy }) {
  const senderName = useSenderName();
  const clock = useClock();
  const [chosen, setChosen] = useState<Order | null>(null);
  const [isSearching, setSearching] = useState(false);
  const [isKeeping, setKeeping] = useState(false);
  const { study, suggestions } = item;
  return (
    <Paper p="md" bg="dark.6" component="article" aria-label={`Study of ${personName(study.patientName)}`}>
      <div className={classes.pair}>
        <div>
          <Group justify="space-between" mb="xs">
            <Title order={2}>Received</Title>
            <Badge color="yellow" leftSection={<IconAlertTriangle size={12} />}>
              {WHY[study.match.state] ?? study.match.state}
            </Badge>
          </Group>
          <Group align="flex-start" wrap="nowrap" gap="md">
            <Thumb study={study} />
            <Facts
              facts={[
                ['Patient', `${personName(study.patientName)} · ${study.patientId}`],
                ['Born', study.patientBirthDate ? calendarDate(study.patientBirthDate) : '–'],
                ['Exam', `${study.modality} ${study.bodyPart} · ${study.studyDescription}`],
                ['Date', study.studyDate ? calendarDate(study.studyDate) : '–'],
                ['Accession', study.accessionNumber || '–'],
                ['Images', `${study.numberOfInstances} in ${study.numberOfSeries} series`],
                ['From', `${senderName(study.receivedFrom)}, ${clock.dateTime(study.lastReceivedAt)}`],
              ]}
            />
          </Group>
          {study.match.reason && (
            <Text size="sm" c="var(--text-dim)" mt="xs">
              {study.match.reason}
            </Text>
          )}
        </div>
        <div>
          <Group justify="space-between" mb="xs">
            <Title order={2}>Orders that may fit</Title>
            <Group gap="xs">
              <Button variant="subtle" leftSection={<IconSearch size={14} />} onClick={() => setSearching(!isSearching)}>
                Other order
              </Button>
              <Button variant="subtle" leftSection={<IconDisc size={14} />} onClick={() => setKeeping(true)}>
                Keep without order
              </Button>
            </Group>
          </Group>
          {isSearching && <OrderSearch onChoose={setChosen} />}
          <Stack gap="xs">
            {suggestions.map((order) => (
              <Suggestion key={order.id} study={study} order={order} onChoose={() => setChosen(order)} />
            ))}
            {suggestions.length === 0 && !isSearching && (
              <Text size="sm" c="var(--text-dim)">
                None. Look for the order by patient or number.
              </Text>
            )}
          </Stack>
        </div>
      </div>
      <Modal opened={chosen !== null} onClose={() => setChosen(null)} title="These images belong to this order" size="lg">
        {chosen && <MatchForm study={study} order={chosen} onDone={() => setChosen(null)} />}
      </Modal>
      <Modal opened={isKeeping} onClose={() => setKeeping(false)} title="These images have no order here">
        <KeepForm study={study} onDone={() => setKeeping(false)} />
      </Modal>
    </Paper>
  );
}

function Thumb({ study }: { study: Study }) {
  const [series] = study.series;
  if (!series) return null;
  return <img className={classes.thumb} alt="" src={thumbnailUrl({ studyInstanceUid: study.studyInstanceUid, seriesInstanceUid: series.seriesInstanceUid })} />;
}

function Facts({ facts }: { facts: Array<[string, string]> }) {
  return (
    <dl className={classes.facts}>
      {facts.map(([term, value]) => (
        <div key={term}>
          <dt>{term}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

function Suggestion({ study, order, onChoose }: { study: Study; order: Order; onChoose: () => void }) {
  return (
    <Group className={classes.suggestion} wrap="nowrap" justify="space-between">
      <div>
        <Text size="sm" fw={600}>
          {personName(order.patient.name)} · {order.patient.mrn}
        </Text>
        <Text size="xs" c="var(--text-dim)">
          {order.studyType} · {order.accessionNumber}
          {order.scheduledDate ? ` · ${calendarDate(order.scheduledDate)}` : ''}
        </Text>
        <Compared study={study} order={order} />
      </div>
      <Button variant="default" onClick={onChoose}>
        Choose
      </Button>
    </Group>
  );
}

function Compared({ study, order }: { study: Study; order: Order }) {
  return (
    <Group gap={8} mt={2}>
      {compareFacts(study, order).map(({ what, agrees }) => (
        <Group key={what} gap={3} c={agrees ? 'var(--good)' : 'var(--warning)'}>
          {agrees ? <IconCheck size={12} aria-hidden /> : <IconAlertTriangle size={12} aria-hidden />}
          <Text span size="xs">
            {what} {agrees ? 'agrees' : 'differs'}
          </Text>
        </Group>
      ))}
    </Group>
  );
}

function OrderSearch({ onChoose }: { onChoose: (order: Order) => void }) {
  const [text, setText] = useState('');
  const [patient] = useDebouncedValue(text.trim(), 300);
  const query = useQuery({ ...orderSearchQuery({ patient, pageSize: 8, sort: 'newest' }), enabled: patient.length >= 2 });
  return (
    <Stack gap={4} mb="sm">
      <TextInput aria-label="Patient, order or accession number" placeholder="Patient, order or accession number" value={text} onChange={(event) => setText(event.currentTarget.value)} autoFocus />
      {query.data?.items.map((order) => (
        <Group key={order.id} justify="space-between" wrap="nowrap">
          <Text size="sm" truncate>
            {personName(order.patient.name)} · {order.studyType} · {order.accessionNumber}
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => onChoose(order)}>
            Choose
          </Button>
        </Group>
      ))}
      {query.data?.items.length === 0 && <Text size="sm">No order fits.</Text>}
    </Stack>
  );
}

function MatchForm({ study, order, onDone }: { study: Study; order: Order; onDone: () => void }) {
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const [isConfirmed, setConfirmed] = useState(false);
  const facts = compareFacts(study, order);
  const differs = facts.some(({ what, agrees }) => what === 'patient' && !agrees);
  const undo = useUndo();
  const save = useMutation({
    mutationFn: () => match(study.studyInstanceUid, { orderId: order.id, reason: reason.trim(), confirmPatientDiffers: differs && isConfirmed }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['studies', 'list'] });
      undo(study.studyInstanceUid);
      onDone();
    },
    onError: (error) => refused(error, 'Not matched'),
  });
  return (
    <Stack gap="sm">
      <SimpleGrid cols={2}>
        <Facts facts={[['Received as', personName(study.patientName)], ['Number', study.patientId], ['Exam', `${study.modality} ${study.studyDescription}`]]} />
        <Facts facts={[['Ordered for', personName(order.patient.name)], ['Number', order.patient.mrn], ['Exam', `${order.modality} ${order.studyType}`]]} />
      </SimpleGrid>
      <Compared study={study} order={order} />
      {differs && (
        <Alert color="red" icon={<IconAlertTriangle size={18} />} title="The patient on the images is not the patient of the order">
          <Checkbox size="xs" label="I have checked that both are the same person" checked={isConfirmed} onChange={(event) => setConfirmed(event.currentTarget.checked)} />
        </Alert>
      )}
      <Textarea label="How you know" required autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
      <Group justify="flex-end">
        <Button disabled={reason.trim() === '' || (differs && !isConfirmed)} loading={save.isPending} onClick={() => save.mutate()}>
          Match
        </Button>
      </Group>
    </Stack>
  );
}

function KeepForm({ study, onDone }: { study: Study; onDone: () => void }) {
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const undo = useUndo('Kept without order');
  const save = useMutation({
    mutationFn: () => keepWithoutOrder(study.studyInstanceUid, reason.trim()),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['studies', 'list'] });
      undo(study.studyInstanceUid);
      onDone();
    },
    onError: (error) => refused(error, 'Not kept'),
  });
  return (
    <Stack gap="sm">
      <Text size="sm">A study from elsewhere, as from a disc. It leaves this list and is shown as a prior of its patient.</Text>
      <Textarea label="Where it comes from" required autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
      <Group justify="flex-end">
        <Button disabled={reason.trim() === ''} loading={save.isPending} onClick={() => save.mutate()}>
          Keep
        </Button>
      </Group>
    </Stack>
  );
}

/** Who sent it: a person by name, a machine or a system by what it calls itself. */
function useSenderName(): (id: string) => string {
  const people = useQuery(peopleQuery());
  return (id) => people.data?.items.find((person) => person.id === id)?.name || id || 'unknown';
}

function useUndo(done = 'Matched'): (studyInstanceUid: string) => void {
  const offer = useTakingBack();
  return (studyInstanceUid) => offer(done, () => unmatch(studyInstanceUid, 'Undone at once'));
}

/** Say what was done, and offer to take it back. */
function useTakingBack(): (done: string, undo: () => Promise<unknown>) => void {
  const queries = useQueryClient();
  return (done, undo) => {
    const takeBack = async () => {
      try {
        await undo();
        told('Taken back');
        await queries.invalidateQueries({ queryKey: ['studies', 'list'] });
      } catch (error) {
        refused(error, 'Not taken back');
      }
    };
    told(done, {
      label: 'Undo',
      icon: <IconArrowBackUp size={14} />,
      act: () => void takeBack(),
    });
  };
}

function Quarantined({ item }: { item: QuarantinedItem }) {
  const senderName = useSenderName();
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
      void queries.invalidateQueries({ queryKey: ['studies', 'list'] });
    },
    onError: (error) => refused(error, 'Not decided'),
  });
  return (
    <Paper p="md" bg="dark.6">
      <Group justify="space-between" wrap="nowrap">
        <div>
          <Text size="md" fw={600}>
            {personName(item.patientName)} · {item.patientId}
          </Text>
          <Text size="sm">
            {item.modality} {item.studyDescription}: {item.instance.reason}
          </Text>
          <Text size="xs" c="var(--text-dim)">
            {clock.dateTime(item.instance.receivedAt)} from {senderName(item.instance.receivedFrom)} · {Math.round(item.instance.sizeBytes / 1024)} KB
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
          <Textarea label="Why" required autosize minRows={2} value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
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
