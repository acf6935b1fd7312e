import { personName } from '../time/hospital-time';

/** Whether what was typed may mean a patient: each word of it stands in the name or the number. */
export function mayMean(patient: { name: string; mrn: string }, text: string): boolean {
  const known = `${personName(patient.name)} ${patient.mrn}`.toLowerCase();
  return text
    .toLowerCase()
    .split(/[\s,]+/)
    .every((word) => known.includes(word));
}
