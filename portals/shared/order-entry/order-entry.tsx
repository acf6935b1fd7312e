/** Order entry with the fields of the specification. What is wrong is said at its field; what was typed is never lost. */
import { Alert, Button, Group, Select, SimpleGrid, Text, Textarea, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { IconAlertTriangle, IconRestore, IconSend } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useRef, useState } from 'react';
import { addOrder, orderSearchQuery } from '../api/orders';
import type { Modality, Order, Priority } from '../api/types';
import { ProblemError, sentenceOf } from '../http/problem';
import { EXAMS, MODALITIES } from '../order-form/exams';
import { PersonSelect } from '../people/person-select';
import { useClock } from '../shell/portal-context';
import { Loading } from '../states/states';
import { personName } from '../time/hospital-time';
import { TimeField } from '../time/time-field';
import { calendarDate } from '../viewer/study-listing';
import type { OrderDraft, Problems } from './draft';
import { fieldsOf, needsSide, problemsOf, toOrder, unconfirmed, withExam, withModality } from './draft';
import { DuplicateWarning } from './duplicate-warning';
import classes from './order-entry.module.css';
import { patientIdOf } from './patient-id';
import { PatientHistory } from './patient-history';
import { PatientSection } from './patient-section';
import { SafetySection } from './safety-section';
import type { SectionProps } from './section';
import { Choice, Section } from './section';
import { useDuplicates } from './use-duplicates';
import { useOrderDraft } from './use-order-draft';

interface OrderEntryProps {
  onOrdered: (order: Order) => void;
  /** The department orders in somebody's name; a referring doctor in the own one. */
  asksOrderer?: boolean;
  /** Where an earlier order of the patient is shown, if this portal has such a page. */
  orderLink?: (orderId: string, text: ReactNode) => ReactNode;
}

export function OrderEntry(props: OrderEntryProps) {
  const entry = useOrderDraft();
  if (!entry.draft) return <Loading rows={10} />;
  return <Form {...props} entry={{ ...entry, draft: entry.draft }} />;
}

type Entry = Omit<ReturnType<typeof useOrderDraft>, 'draft'> & { draft: OrderDraft };

function Form({ onOrdered, asksOrderer = false, orderLink = (_, text) => text, entry }: OrderEntryProps & { entry: Entry }) {
  const { draft, isRestored, change, seal, clear } = entry;
  const clock = useClock();
  const queries = useQueryClient();
  const form = useRef<HTMLFormElement>(null);
  const [isChecked, setChecked] = useState(false);
  const [told, setTold] = useState<Problems>({});
  const patientId = draft.isNewPatient ? undefined : draft.patient?.id;
  const earlier = useQuery({ ...orderSearchQuery({ patientId: patientId ?? null, pageSize: 100, sort: 'newest' }), enabled: patientId !== undefined });
  const { duplicates, findNow } = useDuplicates(draft);
  const found = problemsOf(draft, clock.today(), duplicates);
  if (asksOrderer && !draft.orderingProviderId) found.orderingProviderId = 'Choose in whose name.';
  const problems: Problems = isChecked ? { ...told, ...found } : told;

  const edit = (part: Partial<OrderDraft>) => {
    change(part);
    setTold((now) => Object.fromEntries(Object.entries(now).filter(([field]) => !(field in part))) as Problems);
  };

  const send = useMutation({
    mutationFn: async () => {
      if (unconfirmed(draft, await findNow())) return null;
      const { key, encounterId } = seal();
      return addOrder(toOrder(draft, draft.isNewPatient ? await patientIdOf(draft.mrn) : '', encounterId), key);
    },
    onSuccess: async (order) => {
      if (!order) return focusFirstProblem(form.current);
      await clear();
      void queries.invalidateQueries({ queryKey: ['orders', 'list'] });
      onOrdered(order);
    },
    onError: (error) => {
      if (error instanceof ProblemError) setTold(fieldsOf(error.problem.errors ?? []));
      focusFirstProblem(form.current);
    },
  });

  const submit = () => {
    setChecked(true);
    if (Object.keys(found).length > 0) focusFirstProblem(form.current);
    else if (!send.isPending) send.mutate();
  };

  return (
    <form
      ref={form}
      noValidate
      className={classes.page}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <div className={classes.form}>
        {isRestored && (
          <Group role="status" gap="xs" className={classes.restored}>
            <IconRestore size={15} aria-hidden />
            <Text size="sm">What you had typed is here again.</Text>
            <Button variant="subtle" size="compact-xs" onClick={() => void clear()}>
              Start over
            </Button>
          </Group>
        )}
        {asksOrderer && <Orderer draft={draft} change={edit} problems={problems} />}
        <PatientSection draft={draft} change={edit} problems={problems} />
        <ExamSection draft={draft} change={edit} problems={problems} />
        <DuplicateWarning duplicates={duplicates} draft={draft} change={edit} problem={problems.duplicates} orderLink={orderLink} />
        <SafetySection draft={draft} change={edit} problems={problems} />
        <ClinicalSection draft={draft} change={edit} problems={problems} />
        <WhenSection draft={draft} change={edit} problems={problems} />
      </div>
      <aside className={classes.aside} aria-label="Earlier exams">
        <PatientHistory patientId={patientId} isNewPatient={draft.isNewPatient} orders={earlier.data?.items ?? []} orderLink={orderLink} />
      </aside>
      <div className={classes.submit}>
        {send.error && (
          <Alert color="red" role="alert" icon={<IconAlertTriangle size={18} />} title="Not ordered">
            {sentenceOf(send.error)}
          </Alert>
        )}
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm" c={isChecked && Object.keys(found).length > 0 ? 'var(--critical)' : 'var(--text-dim)'} role="status" lineClamp={2}>
            {isChecked && Object.keys(found).length > 0 ? missing(found) : summaryOf(draft)}
          </Text>
          <Button type="submit" size="sm" leftSection={<IconSend size={16} />} loading={send.isPending}>
            Order
          </Button>
        </Group>
      </div>
    </form>
  );
}

function missing(found: Problems): string {
  const [first] = Object.values(found);
  const count = Object.keys(found).length;
  return count === 1 ? (first ?? '') : `${count} answers are missing. ${first}`;
}

function summaryOf(draft: OrderDraft): string {
  const patient = draft.isNewPatient ? [draft.family, draft.given].filter(Boolean).join(', ') : draft.patient ? personName(draft.patient.name) : '';
  const exam = [draft.studyType, draft.laterality.toLowerCase()].filter(Boolean).join(', ');
  return [exam, patient && `for ${patient}`, draft.priority === 'ROUTINE' ? '' : `– ${draft.priority}`].filter(Boolean).join(' ');
}

/** Everything that is wrong is marked; the first is where one goes on typing. */
function focusFirstProblem(form: HTMLFormElement | null): void {
  requestAnimationFrame(() => {
    const wrong = form?.querySelector<HTMLElement>('[aria-invalid=true], [data-problem] input, [data-problem] button');
    wrong?.focus();
    wrong?.scrollIntoView({ block: 'center' });
  });
}

const PROVIDERS = { role: 'PROVIDER' as const };

function Orderer({ draft, change, problems }: SectionProps) {
  return (
    <Section title="Ordered by">
      <PersonSelect
        label="In whose name"
        among={PROVIDERS}
        value={draft.orderingProviderId ? { id: draft.orderingProviderId, name: draft.orderingProviderName } : null}
        error={problems.orderingProviderId}
        onChange={(person) => change({ orderingProviderId: person?.id ?? '', orderingProviderName: person?.name ?? '' })}
      />
    </Section>
  );
}

const SIDES = [
  { value: 'LEFT' as const, label: 'Left' },
  { value: 'RIGHT' as const, label: 'Right' },
  { value: 'BILATERAL' as const, label: 'Both' },
];
const PRIORITIES = [
  { value: 'ROUTINE' as const, label: 'Routine' },
  { value: 'URGENT' as const, label: 'Urgent' },
  { value: 'STAT' as const, label: 'STAT' },
];
const PRIORITY_WORDS: Record<Priority, string> = { ROUTINE: '', URGENT: 'Urgent exams come before routine ones.', STAT: 'STAT takes the next slot, before anybody else. Call the department as well if a life depends on it.' };

function ExamSection({ draft, change, problems }: SectionProps) {
  return (
    <Section title="Exam">
      <Choice<Modality> label="Method" required value={draft.modality ?? ''} options={MODALITIES} onChange={(modality) => change(withModality(draft, modality))} problem={problems.modality} />
      {draft.modality && (
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          <Select
            label="Exam"
            required
            searchable
            data={[...EXAMS[draft.modality].map(({ studyType }) => studyType), ...(isListed(draft) || !draft.studyType ? [] : [draft.studyType])]}
            value={draft.studyType || null}
            error={problems.studyType}
            nothingFoundMessage="Not on the list. Choose the nearest, and say in the instructions what you need."
            onChange={(studyType) => change(withExam(draft, studyType ?? ''))}
          />
          <TextInput label="Body part" required value={draft.bodyPart} error={problems.bodyPart} maxLength={100} onChange={(event) => change({ bodyPart: event.currentTarget.value.toUpperCase() })} />
        </SimpleGrid>
      )}
      <Group gap="xl" align="flex-start">
        {draft.modality && needsSide(draft) && <Choice label="Side" required value={draft.laterality} options={SIDES} onChange={(laterality) => change({ laterality })} problem={problems.laterality} />}
        <div>
          <Choice<Priority> label="Priority" required value={draft.priority} options={PRIORITIES} onChange={(priority) => change({ priority })} />
          <Text size="xs" c={draft.priority === 'STAT' ? 'var(--warning)' : 'var(--text-dim)'} mt={3}>
            {PRIORITY_WORDS[draft.priority]}
          </Text>
        </div>
      </Group>
    </Section>
  );
}

const isListed = (draft: OrderDraft): boolean => draft.modality !== null && EXAMS[draft.modality].some(({ studyType }) => studyType === draft.studyType);

function ClinicalSection({ draft, change, problems }: SectionProps) {
  return (
    <Section title="Clinical question">
      <Textarea
        label="Indication"
        description="Why the exam is needed, and what it shall answer"
        required
        autosize
        minRows={2}
        value={draft.indication}
        error={problems.indication}
        onChange={(event) => change({ indication: event.currentTarget.value })}
      />
      <Textarea label="History" description="What the radiologist should know: operations, tumours, earlier findings" autosize minRows={1} value={draft.history} error={problems.history} onChange={(event) => change({ history: event.currentTarget.value })} />
    </Section>
  );
}

function WhenSection({ draft, change, problems }: SectionProps) {
  const clock = useClock();
  return (
    <Section title="When, and what else">
      <SimpleGrid cols={2} spacing="sm" maw={420}>
        <TextInput
          type="date"
          label="Wanted day"
          description={draft.date ? calendarDate(draft.date) : 'Empty: as soon as possible'}
          min={clock.today()}
          value={draft.date}
          error={problems.date}
          onChange={(event) => change({ date: event.currentTarget.value, ...(event.currentTarget.value ? {} : { time: '' }) })}
        />
        <TimeField label="Wanted time" description={clock.zone.replaceAll('_', ' ')} value={draft.time} error={problems.time} disabled={draft.date === ''} onChange={(time) => change({ time })} />
      </SimpleGrid>
      <Textarea label="Special instructions" description="Isolation, oxygen, wheelchair, language, whom to call" autosize minRows={1} value={draft.instructions} error={problems.instructions} onChange={(event) => change({ instructions: event.currentTarget.value })} />
    </Section>
  );
}

