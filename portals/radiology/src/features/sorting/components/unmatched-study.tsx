import { Alert, Badge, Button, Checkbox, Group, Paper, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { orderSearchQuery } from '@shared/api/orders';
import { keepWithoutOrder, match, studyQuery, unmatch } from '@shared/api/studies';
import type { Order, Study, UnmatchedStudy } from '@shared/api/types';
import { refused } from '@shared/feedback/toasts';
import { sentenceOf } from '@shared/http/problem';
import type { Comparison } from '@shared/matching/compare';
import { compareFacts, personDiffers } from '@shared/matching/compare';
import { examName } from '@shared/order-form/exam-name';
import { useClock } from '@shared/shell/portal-context';
import { Choices } from '@shared/table/choices';
import { personName } from '@shared/time/hospital-time';
import { calendarDate } from '@shared/viewer/study-listing';
import { IconAlertTriangle, IconCheck, IconDisc, IconSearch } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ItemDialog } from './item-dialog';
import { ReasonForm } from './reason-form';
import classes from './sorting.module.css';
import { StudyPicture } from './study-picture';
import { useSenderName } from './use-sender-name';
import { useTakingBack } from './use-taking-back';

const WHY: Record<string, string> = {
  NO_ORDER: 'No order fits',
  SEVERAL_ORDERS: 'Several orders fit',
  PATIENT_DIFFERS: 'The patient differs',
};

const NAMES: Partial<Record<Comparison['what'], string>> = { patient: 'number of the patient', issuer: 'issuer of the number' };

const born = (birthDate: string | null) => (birthDate ? calendarDate(birthDate) : '–');
const numbered = (patientId: string, issuer: string) => (issuer ? `${patientId} (${issuer})` : patientId);

/** The rules give their reason as a clause. */
const sentence = (clause: string): string => `${clause.charAt(0).toUpperCase()}${clause.slice(1)}${/[.!?]$/.test(clause) ? '' : '.'}`;

/** A study that waits although somebody decided over it is one whose decision was taken back. */
const said = ({ decidedBy, reason }: Study['match']): string => (decidedBy ? `Taken back by ${decidedBy.name}: ${reason}` : sentence(reason ?? ''));

export function Unmatched({ item, onSettled }: { item: UnmatchedStudy; onSettled: () => void }) {
  const clock = useClock();
  const [chosen, setChosen] = useState<Order | null>(null);
  const [isSearching, setSearching] = useState(false);
  const [isKeeping, setKeeping] = useState(false);
  const { study, suggestions } = item;
  const sender = useSenderName(study.receivedFrom);
  const settled = (close: () => void) => () => {
    close();
    onSettled();
  };
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
            <StudyPicture study={study} alt="Image that was received" />
            <Facts
              facts={[
                ['Patient', `${personName(study.patientName)} · ${study.patientId}`],
                ['Born', born(study.patientBirthDate)],
                ['Exam', [examName(study.modality, study.studyDescription), study.bodyPart].filter(Boolean).join(' · ')],
                ['Date', study.studyDate ? calendarDate(study.studyDate) : '–'],
                ['Accession', study.accessionNumber || '–'],
                ['Images', `${study.numberOfInstances} in ${study.numberOfSeries} series`],
                ['From', `${sender}, ${clock.dateTime(study.lastReceivedAt)}`],
              ]}
            />
          </Group>
          {study.match.reason && (
            <Text size="sm" c="var(--text-dim)" mt="xs">
              {said(study.match)}
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
          {isSearching && <OrderSearch study={study} onChoose={setChosen} />}
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
      <ItemDialog opened={chosen !== null} onClose={() => setChosen(null)} title="These images belong to this order" size="lg">
        {chosen && <MatchForm study={study} order={chosen} onDone={settled(() => setChosen(null))} />}
      </ItemDialog>
      <ItemDialog opened={isKeeping} onClose={() => setKeeping(false)} title="These images have no order here">
        <KeepForm study={study} onDone={settled(() => setKeeping(false))} />
      </ItemDialog>
    </Paper>
  );
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
  const person = personName(order.patient.name);
  return (
    <Group className={classes.suggestion} wrap="nowrap" gap="sm">
      <OrderPicture order={order} />
      <div style={{ flex: 1, minWidth: 0 }}>
        <Text size="sm" fw={600}>
          {person} · {order.patient.mrn} · {born(order.patient.birthDate)}
        </Text>
        <Text size="xs" c="var(--text-dim)">
          {order.studyType} · {order.accessionNumber}
          {order.scheduledDate ? ` · ${calendarDate(order.scheduledDate)}` : ''}
          {order.studyInstanceUids.length === 0 ? ' · no images yet' : ' · has images already'}
        </Text>
        <Compared study={study} order={order} />
      </div>
      <Button variant="default" aria-label={`Choose ${order.studyType} of ${person}`} onClick={onChoose} style={{ flex: 'none' }}>
        Choose
      </Button>
    </Group>
  );
}

/** What the order has already: the stray images may be its second part, or the same ones again. */
function OrderPicture({ order }: { order: Order }) {
  const [uid] = order.studyInstanceUids;
  const has = useQuery({ ...studyQuery(uid ?? ''), enabled: uid !== undefined });
  return has.data ? <StudyPicture study={has.data} alt="Image that the order has" /> : null;
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

function OrderSearch({ study, onChoose }: { study: Study; onChoose: (order: Order) => void }) {
  const [text, setText] = useState('');
  const [patient] = useDebouncedValue(text.trim(), 300);
  return (
    <Stack gap={4} mb="sm">
      <TextInput aria-label="Patient, order or accession number" placeholder="Patient, order or accession number" value={text} onChange={(event) => setText(event.currentTarget.value)} autoFocus />
      {patient.length >= 2 && <FoundOrders key={patient} patient={patient} study={study} onChoose={onChoose} />}
    </Stack>
  );
}

function FoundOrders({ patient, study, onChoose }: { patient: string; study: Study; onChoose: (order: Order) => void }) {
  const query = useQuery(orderSearchQuery({ patient, pageSize: 8, sort: 'newest' }));
  return (
    <>
      {query.data && (
        <Choices query={query} page={query.data} nouns={['order', 'orders']}>
          {(orders) => (
            <Stack gap={4}>
              {orders.map((order) => (
                <Suggestion key={order.id} study={study} order={order} onChoose={() => onChoose(order)} />
              ))}
            </Stack>
          )}
        </Choices>
      )}
      <Text size="sm" role="status">
        {query.data?.items.length === 0 && 'No order fits.'}
        {query.error && `The orders could not be looked through. ${sentenceOf(query.error)}`}
      </Text>
    </>
  );
}

function MatchForm({ study, order, onDone }: { study: Study; order: Order; onDone: () => void }) {
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const [isConfirmed, setConfirmed] = useState(false);
  const differing = personDiffers(compareFacts(study, order));
  const differs = differing.length > 0;
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
    <Stack
      component="form"
      gap="sm"
      onSubmit={(event) => {
        event.preventDefault();
        save.mutate();
      }}
    >
      <SimpleGrid cols={2}>
        <Facts facts={[['Received as', personName(study.patientName)], ['Number', numbered(study.patientId, study.issuerOfPatientId)], ['Born', born(study.patientBirthDate)], ['Accession', study.accessionNumber || 'none'], ['Exam', examName(study.modality, study.studyDescription)]]} />
        <Facts facts={[['Ordered for', personName(order.patient.name)], ['Number', numbered(order.patient.mrn, order.patient.issuerOfPatientId)], ['Born', born(order.patient.birthDate)], ['Accession', order.accessionNumber], ['Exam', examName(order.modality, order.studyType)]]} />
      </SimpleGrid>
      <Compared study={study} order={order} />
      {differs && (
        <Alert color="red" icon={<IconAlertTriangle size={18} />} title={`Images and order differ in ${differing.map((what) => NAMES[what] ?? what).join(' and ')}`}>
          <Checkbox size="xs" label="I have checked that both are the same person" checked={isConfirmed} onChange={(event) => setConfirmed(event.currentTarget.checked)} />
        </Alert>
      )}
      <TextInput label="How you know" required value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
      <Group justify="flex-end">
        <Button type="submit" disabled={reason.trim() === '' || (differs && !isConfirmed)} loading={save.isPending}>
          Match
        </Button>
      </Group>
    </Stack>
  );
}

function KeepForm({ study, onDone }: { study: Study; onDone: () => void }) {
  const queries = useQueryClient();
  const undo = useUndo('Kept without order');
  const save = useMutation({
    mutationFn: (reason: string) => keepWithoutOrder(study.studyInstanceUid, reason),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['studies', 'list'] });
      undo(study.studyInstanceUid);
      onDone();
    },
    onError: (error) => refused(error, 'Not kept'),
  });
  const note = 'A study from elsewhere, as from a disc. It leaves this list and is shown as a prior of its patient.';
  return <ReasonForm of={study} note={note} label="Where it comes from" action="Keep" isBusy={save.isPending} onReason={save.mutate} />;
}

function useUndo(done = 'Matched'): (studyInstanceUid: string) => void {
  const offer = useTakingBack();
  return (studyInstanceUid) => offer(done, () => unmatch(studyInstanceUid, 'Undone at once'));
}
