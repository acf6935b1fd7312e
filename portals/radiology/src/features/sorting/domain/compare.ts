/** What agrees between received images and an order, as the decision needs it. Pure. */
import type { Order, Study } from '@shared/api/types';

const DICOM: Record<string, readonly string[]> = { USG: ['US'], XRAY: ['CR', 'DX'], CT: ['CT'], MRI: ['MR'] };

export interface Comparison {
  what: 'patient' | 'birth date' | 'modality' | 'accession';
  agrees: boolean;
}

export function compareFacts(
  study: Pick<Study, 'patientId' | 'patientBirthDate' | 'modality' | 'accessionNumber'>,
  order: Pick<Order, 'modality' | 'accessionNumber'> & { patient: Pick<Order['patient'], 'mrn' | 'birthDate'> },
): Comparison[] {
  return [
    { what: 'patient', agrees: study.patientId === order.patient.mrn },
    { what: 'birth date', agrees: study.patientBirthDate === order.patient.birthDate },
    { what: 'modality', agrees: (DICOM[order.modality] ?? []).includes(study.modality) },
    { what: 'accession', agrees: study.accessionNumber === order.accessionNumber },
  ];
}
