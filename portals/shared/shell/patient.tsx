/** A patient as every page shows one: name, sex, age, number, always in this order. */
import { Text } from '@mantine/core';
import { ageAt, personName } from '../time/hospital-time';
import { serverNow } from '../time/server-clock';

interface PatientLike {
  name: string;
  mrn: string;
  birthDate: string | null;
  sex?: string;
}

export const SEX: Record<string, string> = { M: 'male', F: 'female', O: 'other sex', U: 'sex unknown' };

export function patientLine(patient: PatientLike): string {
  const age = ageAt(patient.birthDate, serverNow());
  return [personName(patient.name), [patient.sex, age].filter(Boolean).join(' '), patient.mrn].filter(Boolean).join(' · ');
}

/** The same; where it goes on in a second line, the number is not broken. */
export function PatientLine({ patient }: { patient: PatientLike }) {
  return (
    <>
      {patientLine({ ...patient, mrn: '' })} · <span style={{ whiteSpace: 'nowrap' }}>{patient.mrn}</span>
    </>
  );
}

export function PatientCell({ patient }: { patient: PatientLike }) {
  return (
    <>
      <Text span size="sm" fw={600}>
        {personName(patient.name)}
      </Text>{' '}
      <Text span size="xs" c="var(--text-dim)" style={{ whiteSpace: 'nowrap' }}>
        {[patient.sex, ageAt(patient.birthDate, serverNow())].filter(Boolean).join(' ')} · {patient.mrn}
      </Text>
    </>
  );
}
