/** Order entry with the fields of the specification: safety questions by modality, priors, and a warning of duplicates. */
import { Alert, Autocomplete, Button, Checkbox, Group, Paper, SegmentedControl, Select, SimpleGrid, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { DateInput, TimeInput } from '@mantine/dates';
import { useDebouncedValue } from '@mantine/hooks';
import { IconAlertTriangle, IconSend } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { addOrder, orderSearchQuery } from '../api/orders';
import type { Modality, Order, Priority } from '../api/types';
import { sentenceOf } from '../http/problem';
import { patientLine } from '../shell/patient';
import { useClock } from '../shell/portal-context';
import { OrderStatusBadge } from '../theme/status';
import { personName } from '../time/hospital-time';
import { dicomName, duplicatesOf, EXAMS, MODALITIES } from './exams';

type Patient = Pick<Order['patient'], 'id' | 'mrn' | 'name' | 'birthDate' | 'sex'>;

const MRI_RISKS = ['Pacemaker', 'Metallic implants', 'Cochlear implants', 'Aneurysm clips', 'Claustrophobia'];

interface Draft {
  modality: Modality | null;
  studyType: string;
  bodyPart: string;
  laterality: 'LEFT' | 'RIGHT' | 'BILATERAL' | null;
  priority: Priority;
  indication: string;
  history: string;
  instructions: string;
  contrastRequired: boolean;
  contrastType: 'IODINE' | 'GADOLINIUM' | 'ORAL' | null;
  allergyChecked: boolean;
  creatinineChecked: boolean;
  risks: string[];
  date: string | null;
  time: string;
}

const EMPTY: Draft = {
  modality: null,
  studyType: '',
  bodyPart: '',
  laterality: null,
  priority: 'ROUTINE',
  indication: '',
  history: '',
  instructions: '',
  contrastRequired: false,
  contrastType: null,
  allergyChecked: false,
  creatinineChecked: false,
  risks: [],
  date: null,
  time: '',
};

export function OrderForm({ onOrdered }: { onOrdered: (order: Order) => void }) {
  const clock = useClock();
  const [patient, setPatient] = useState<Patient | null>(null);
  const [draft, setDraft] = useState<Draft>(EMPTY);
  const [key, setKey] = useState(() => crypto.randomUUID());
  const change = (part: Partial<Draft>) => setDraft((now) => ({ ...now, ...part }));
  const earlier = useQuery({ ...orderSearchQuery({ patientId: patient?.id ?? null, pageSize: 20, sort: 'newest' }), enabled: patient !== null });
  const duplicates = draft.modality ? duplicatesOf({ modality: draft.modality, bodyPart: draft.bodyPart }, earlier.data?.items ?? [], Date.now()) : [];
  const exam = draft.modality ? EXAMS[draft.modality].find(({ studyType }) => studyType === draft.studyType) : undefined;

  const save = useMutation({
    mutationFn: () => {
      if (!patient || !draft.modality) throw new Error('The form is not complete');
      return addOrder(
        {
          patient,
          encounterId: crypto.randomUUID(),
          modality: draft.modality,
          studyType: draft.studyType.trim(),
          bodyPart: draft.bodyPart.trim(),
          laterality: draft.laterality,
          clinicalIndication: draft.indication.trim(),
          clinicalHistory: draft.history.trim(),
          contrastRequired: draft.contrastRequired,
          contrastType: draft.contrastRequired ? draft.contrastType : null,
          contrastAllergyChecked: draft.allergyChecked,
          creatinineChecked: draft.creatinineChecked,
          specialInstructions: [draft.instructions.trim(), draft.risks.length > 0 ? `MRI safety, please check: ${draft.risks.join(', ')}` : ''].filter(Boolean).join('\n'),
          priority: draft.priority,
          scheduledDate: draft.date,
          scheduledTime: draft.date && draft.time ? draft.time : null,
        },
        key,
      );
    },
    onSuccess: (order) => {
      setKey(crypto.randomUUID());
      setDraft(EMPTY);
      onOrdered(order);
    },
  });

  const isComplete =
    patient !== null &&
    draft.modality !== null &&
    draft.studyType.trim() !== '' &&
    draft.bodyPart.trim() !== '' &&
    draft.indication.trim() !== '' &&
    (!exam?.sided || draft.laterality !== null) &&
    (!draft.contrastRequired || draft.contrastType !== null);

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isComplete) save.mutate();
      }}
    >
      <Stack gap="md" maw={860}>
        <PatientChoice patient={patient} onChoose={setPatient} />
        <Paper p="md" bg="dark.6" component="section" aria-label="Exam">
          <Title order={2} mb="sm">
            Exam
          </Title>
          <Stack gap="sm">
            <SegmentedControl
              aria-label="Modality"
              size="sm"
              data={MODALITIES.map(({ value, label }) => ({ value, label }))}
              value={draft.modality ?? ''}
              onChange={(modality) => change({ modality: modality as Modality, studyType: '', bodyPart: '', laterality: null, contrastRequired: false, contrastType: null, risks: [] })}
            />
            {draft.modality && (
              <>
                <SimpleGrid cols={{ base: 1, sm: 2 }}>
                  <Autocomplete
                    label="Exam"
                    size="xs"
                    required
                    data={EXAMS[draft.modality].map(({ studyType }) => studyType)}
                    value={draft.studyType}
                    onChange={(studyType) => {
                      const chosen = draft.modality && EXAMS[draft.modality].find((one) => one.studyType === studyType);
                      change({ studyType, ...(chosen ? { bodyPart: chosen.bodyPart, contrastRequired: chosen.contrast !== undefined, contrastType: chosen.contrast ?? null, laterality: null } : {}) });
                    }}
                  />
                  <TextInput label="Body part" required value={draft.bodyPart} onChange={(event) => change({ bodyPart: event.currentTarget.value.toUpperCase() })} />
                </SimpleGrid>
                <Group gap="lg" align="flex-end">
                  <Select
                    label="Side"
                    required={exam?.sided ?? false}
                    clearable={!exam?.sided}
                    clearButtonProps={{ 'aria-label': 'No side' }}
                    w={150}
                    data={[
                      { value: 'LEFT', label: 'Left' },
                      { value: 'RIGHT', label: 'Right' },
                      { value: 'BILATERAL', label: 'Both' },
                    ]}
                    value={draft.laterality}
                    onChange={(laterality) => change({ laterality: laterality as Draft['laterality'] })}
                  />
                  <div>
                    <Text size="sm" fw={500} mb={2} id="priority-label">
                      Priority
                    </Text>
                    <SegmentedControl
                      aria-labelledby="priority-label"
                      size="xs"
                      value={draft.priority}
                      onChange={(priority) => change({ priority: priority as Priority })}
                      data={[
                        { value: 'ROUTINE', label: 'Routine' },
                        { value: 'URGENT', label: 'Urgent' },
                        { value: 'STAT', label: 'STAT' },
                      ]}
                    />
                  </div>
                  <DateInput label="Wanted day" size="xs" w={150} clearable valueFormat="DD MMM YYYY" minDate={clock.day(new Date())} placeholder="As soon as possible" value={draft.date} onChange={(date) => change({ date })} />
                  {draft.date && <TimeInput label="Wanted time" size="xs" value={draft.time} onChange={(event) => change({ time: event.currentTarget.value })} />}
                </Group>
                <Duplicates duplicates={duplicates} />
              </>
            )}
          </Stack>
        </Paper>
        {(draft.modality === 'CT' || draft.modality === 'MRI') && (
          <Paper p="md" bg="dark.6" component="section" aria-label="Safety">
            <Title order={2} mb="sm">
              Safety
            </Title>
            <Stack gap="xs">
              <Checkbox size="xs" label="With contrast medium" checked={draft.contrastRequired} onChange={(event) => change({ contrastRequired: event.currentTarget.checked, contrastType: event.currentTarget.checked ? (draft.modality === 'MRI' ? 'GADOLINIUM' : 'IODINE') : null })} />
              {draft.contrastRequired && (
                <Stack gap="xs" pl="lg">
                  <Select
                    label="Contrast medium"
                    w={180}
                    required
                    allowDeselect={false}
                    data={[
                      { value: 'IODINE', label: 'Iodine' },
                      { value: 'GADOLINIUM', label: 'Gadolinium' },
                      { value: 'ORAL', label: 'Oral' },
                    ]}
                    value={draft.contrastType}
                    onChange={(contrastType) => change({ contrastType: contrastType as Draft['contrastType'] })}
                  />
                  <Checkbox size="xs" label="Asked about allergy to contrast medium" checked={draft.allergyChecked} onChange={(event) => change({ allergyChecked: event.currentTarget.checked })} />
                  <Checkbox size="xs" label="Kidney function (creatinine) is known" checked={draft.creatinineChecked} onChange={(event) => change({ creatinineChecked: event.currentTarget.checked })} />
                </Stack>
              )}
              {draft.modality === 'MRI' && (
                <Checkbox.Group label="The patient has" value={draft.risks} onChange={(risks) => change({ risks })}>
                  <Group gap="md" mt={4}>
                    {MRI_RISKS.map((risk) => (
                      <Checkbox key={risk} size="xs" value={risk} label={risk} />
                    ))}
                  </Group>
                </Checkbox.Group>
              )}
            </Stack>
          </Paper>
        )}
        <Paper p="md" bg="dark.6" component="section" aria-label="Clinical information">
          <Title order={2} mb="sm">
            Clinical information
          </Title>
          <Stack gap="sm">
            <Textarea label="Indication" description="Why the exam is needed, and what it shall answer" required autosize minRows={2} value={draft.indication} onChange={(event) => change({ indication: event.currentTarget.value })} />
            <Textarea label="History" autosize minRows={1} value={draft.history} onChange={(event) => change({ history: event.currentTarget.value })} />
            <Textarea label="Special instructions" autosize minRows={1} value={draft.instructions} onChange={(event) => change({ instructions: event.currentTarget.value })} />
          </Stack>
        </Paper>
        {patient && earlier.data && earlier.data.items.length > 0 && <Earlier orders={earlier.data.items} />}
        {save.error && (
          <Alert color="red" title="Not ordered" role="alert">
            {sentenceOf(save.error)}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button type="submit" size="sm" leftSection={<IconSend size={16} />} disabled={!isComplete} loading={save.isPending}>
            Order
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Duplicates({ duplicates }: { duplicates: Order[] }) {
  const clock = useClock();
  return (
    <div role="status">
      {duplicates.length > 0 && (
        <Alert color="yellow" icon={<IconAlertTriangle size={18} />} title="The same exam was ordered in the last 30 days">
          {duplicates.map((order) => (
            <Text key={order.id} size="sm">
              {order.studyType}, {clock.date(order.createdAt)}, {order.orderingProviderName} ({order.orderNumber})
            </Text>
          ))}
        </Alert>
      )}
    </div>
  );
}

function Earlier({ orders }: { orders: Order[] }) {
  const clock = useClock();
  return (
    <Paper p="md" bg="dark.6" component="section" aria-label="Earlier exams">
      <Title order={2} mb="xs">
        Earlier exams of this patient
      </Title>
      <Stack gap={4}>
        {orders.slice(0, 6).map((order) => (
          <Group key={order.id} gap="sm" wrap="nowrap">
            <Text size="sm" className="tabular" w={96}>
              {clock.date(order.createdAt)}
            </Text>
            <Text size="sm" style={{ flex: 1 }} truncate>
              {order.studyType}
            </Text>
            <OrderStatusBadge status={order.status} />
          </Group>
        ))}
      </Stack>
    </Paper>
  );
}

/** One of the patients known here, or a new one. Only known ones are offered by name. */
function PatientChoice({ patient, onChoose }: { patient: Patient | null; onChoose: (patient: Patient | null) => void }) {
  const [text, setText] = useState('');
  const [isNew, setNew] = useState(false);
  const [wanted] = useDebouncedValue(text.trim(), 300);
  const found = useQuery({ ...orderSearchQuery({ patient: wanted, pageSize: 30, sort: 'newest' }), enabled: wanted.length >= 2 && patient === null });
  const known = [...new Map((found.data?.items ?? []).map((order) => [order.patient.id, order.patient])).values()].slice(0, 8);
  return (
    <Paper p="md" bg="dark.6" component="section" aria-label="Patient">
      <Group justify="space-between" mb="sm">
        <Title order={2}>Patient</Title>
        {patient && (
          <Button variant="subtle" onClick={() => onChoose(null)}>
            Other patient
          </Button>
        )}
      </Group>
      {patient && <Text size="md">{patientLine(patient)}</Text>}
      {!patient && isNew && <NewPatient onChoose={onChoose} onBack={() => setNew(false)} />}
      {!patient && !isNew && (
        <Stack gap="xs">
          <TextInput label="Find" placeholder="Name or number" value={text} onChange={(event) => setText(event.currentTarget.value)} />
          {known.map((one) => (
            <Button key={one.id} variant="default" justify="flex-start" onClick={() => onChoose(one)}>
              {personName(one.name)} · {one.mrn}
            </Button>
          ))}
          {wanted.length >= 2 && found.data && known.length === 0 && <Text size="sm">Nobody of this name or number is known here.</Text>}
          <Group>
            <Button variant="subtle" onClick={() => setNew(true)}>
              Enter a new patient
            </Button>
          </Group>
        </Stack>
      )}
    </Paper>
  );
}

function NewPatient({ onChoose, onBack }: { onChoose: (patient: Patient) => void; onBack: () => void }) {
  const [mrn, setMrn] = useState('');
  const [family, setFamily] = useState('');
  const [given, setGiven] = useState('');
  const [birthDate, setBirthDate] = useState<string | null>(null);
  const [sex, setSex] = useState<string | null>(null);
  const isComplete = mrn.trim() !== '' && family.trim() !== '' && birthDate !== null && sex !== null;
  return (
    <Stack gap="sm">
      <SimpleGrid cols={{ base: 1, sm: 3 }}>
        <TextInput label="MRN" required value={mrn} onChange={(event) => setMrn(event.currentTarget.value)} />
        <TextInput label="Family name" required value={family} onChange={(event) => setFamily(event.currentTarget.value)} />
        <TextInput label="Given name" value={given} onChange={(event) => setGiven(event.currentTarget.value)} />
        <DateInput label="Date of birth" size="xs" required valueFormat="DD MMM YYYY" maxDate={new Date()} defaultLevel="decade" value={birthDate} onChange={setBirthDate} />
        <Select
          label="Sex"
          required
          data={[
            { value: 'F', label: 'Female' },
            { value: 'M', label: 'Male' },
            { value: 'O', label: 'Other' },
            { value: 'U', label: 'Unknown' },
          ]}
          value={sex}
          onChange={setSex}
        />
      </SimpleGrid>
      <Group justify="space-between">
        <Button variant="default" onClick={onBack}>
          Back
        </Button>
        <Button disabled={!isComplete} onClick={() => onChoose({ id: crypto.randomUUID(), mrn: mrn.trim(), name: dicomName(family, given), birthDate, sex: (sex ?? 'U') as Patient['sex'] })}>
          Take this patient
        </Button>
      </Group>
    </Stack>
  );
}
