/** For whom: one of the patients one knows, or a new one by number and birth. */
import { Alert, Button, Combobox, Group, InputBase, SimpleGrid, Text, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { IconSearch, IconUserPlus, IconX } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { orderSearchQuery, patientSearchQuery } from '../api/orders';
import type { Order } from '../api/types';
import { patientLine } from '../shell/patient';
import { useClock } from '../shell/portal-context';
import { ageAt, personName } from '../time/hospital-time';
import { serverNow } from '../time/server-clock';
import { calendarDate } from '../viewer/study-listing';
import classes from './order-entry.module.css';
import { OTHER_PATIENT } from './draft';
import { mayMean } from './may-mean';
import type { SectionProps } from './section';
import { Choice, Section } from './section';

const NOBODY = { patient: null, isNewPatient: false, knownDuplicates: [] };

export function PatientSection(props: SectionProps) {
  const { draft, change } = props;
  if (draft.patient && !draft.isNewPatient) {
    return (
      <Section title="Patient">
        <Group justify="space-between" wrap="nowrap">
          <div>
            <Text size="lg" fw={650}>
              {personName(draft.patient.name)}
            </Text>
            <Text size="sm" c="var(--text-dim)">
              {[draft.patient.sex, ageAt(draft.patient.birthDate, serverNow())].filter(Boolean).join(' ')}
              {draft.patient.birthDate ? ` · born ${calendarDate(draft.patient.birthDate)}` : ''} · {draft.patient.mrn}
            </Text>
          </div>
          <Button variant="default" style={{ flex: 'none' }} leftSection={<IconX size={14} />} onClick={() => change(OTHER_PATIENT)}>
            Other patient
          </Button>
        </Group>
      </Section>
    );
  }
  return <Section title="Patient">{draft.isNewPatient ? <NewPatient {...props} /> : <KnownPatient {...props} />}</Section>;
}

/** Each patient once, in the order in which one met them last. */
function patientsOf(orders: readonly Order[]): Array<Order['patient']> {
  return [...new Map(orders.map(({ patient }) => [patient.id, patient])).values()];
}

function KnownPatient({ draft, change, problems }: SectionProps) {
  const [text, setText] = useState('');
  const [wanted] = useDebouncedValue(text.trim(), 200);
  const box = useCombobox({ onDropdownClose: () => box.resetSelectedOption() });
  const found = useQuery({ ...patientSearchQuery(wanted), placeholderData: keepPreviousData });
  const isAnswered = found.isSuccess && !found.isPlaceholderData && wanted === text.trim();
  // Until the server has answered what was typed, nobody else is offered: Enter may come at once.
  const patients = patientsOf(found.data?.items ?? [])
    .filter((patient) => isAnswered || mayMean(patient, text))
    .slice(0, 8);
  const choose = (id: string) => {
    const patient = patients.find((one) => one.id === id);
    if (patient) change({ ...NOBODY, patient });
    box.closeDropdown();
  };
  return (
    <>
      <Combobox store={box} onOptionSubmit={choose} withinPortal={false}>
        <Combobox.Target>
          <InputBase
            label="Known patient"
            required
            size="sm"
            placeholder="Name or MRN"
            leftSection={<IconSearch size={15} aria-hidden />}
            value={text}
            error={problems.patient}
            onChange={(event) => {
              setText(event.currentTarget.value);
              box.openDropdown();
              box.selectFirstOption();
            }}
            onClick={() => box.openDropdown()}
            onBlur={() => box.closeDropdown()}
          />
        </Combobox.Target>
        <Combobox.Dropdown>
          <Combobox.Options aria-label="Patients">
            {patients.map((patient) => (
              <Combobox.Option key={patient.id} value={patient.id}>
                {patientLine(patient)}
              </Combobox.Option>
            ))}
            {isAnswered && patients.length === 0 && <Combobox.Empty>{wanted ? 'Nobody of this name or number is known here.' : 'Nobody is known here yet.'} Enter the patient below.</Combobox.Empty>}
            {!isAnswered && !found.isError && patients.length === 0 && <Combobox.Empty>Searching…</Combobox.Empty>}
            {found.isError && <Combobox.Empty>The search does not answer. You can enter the patient below.</Combobox.Empty>}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      <Group>
        <Button variant="subtle" leftSection={<IconUserPlus size={15} />} onClick={() => change({ ...NOBODY, isNewPatient: true, ...(draft.family ? {} : { family: /^[\p{L} '-]+$/u.test(text) ? text.trim() : '' }) })}>
          Enter a patient who is not listed
        </Button>
      </Group>
    </>
  );
}

const SEXES = [
  { value: 'F' as const, label: 'Female' },
  { value: 'M' as const, label: 'Male' },
  { value: 'O' as const, label: 'Other' },
  { value: 'U' as const, label: 'Unknown' },
];

function NewPatient({ draft, change, problems }: SectionProps) {
  const clock = useClock();
  const [mrn] = useDebouncedValue(draft.mrn.trim(), 300);
  const found = useQuery({ ...orderSearchQuery({ patient: mrn, sort: 'newest', pageSize: 20 }), enabled: mrn.length > 2 });
  const same = patientsOf(found.data?.items ?? []).find((patient) => patient.mrn.toLowerCase() === mrn.toLowerCase());
  return (
    <>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <TextInput label="Family name" required value={draft.family} error={problems.family} maxLength={64} onChange={(event) => change({ family: event.currentTarget.value })} />
        <TextInput label="Given name" value={draft.given} maxLength={64} onChange={(event) => change({ given: event.currentTarget.value })} />
        <TextInput label="MRN" description="As on the wristband" required value={draft.mrn} error={problems.mrn} onChange={(event) => change({ mrn: event.currentTarget.value })} />
        <TextInput type="date" label="Date of birth" description={draft.birthDate ? calendarDate(draft.birthDate) : 'Compared with the person before the exam'} required max={clock.today()} value={draft.birthDate} error={problems.birthDate} onChange={(event) => change({ birthDate: event.currentTarget.value })} />
      </SimpleGrid>
      <Choice label="Sex" required value={draft.sex} options={SEXES} onChange={(sex) => change({ sex })} problem={problems.sex} />
      {same && (
        <Alert color="yellow" title="This number is known" role="status" className={classes.known}>
          <Group justify="space-between">
            <Text size="sm">{patientLine(same)}</Text>
            <Button variant="default" onClick={() => change({ ...NOBODY, patient: same })}>
              Take this patient
            </Button>
          </Group>
        </Alert>
      )}
      <Group>
        <Button variant="subtle" leftSection={<IconSearch size={15} />} onClick={() => change(NOBODY)}>
          Search instead
        </Button>
      </Group>
    </>
  );
}
