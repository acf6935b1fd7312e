/**
 * What agrees between images and an order, by the rules of the server (`services/dicom/identity.py` and
 * `matching.py`): it refuses a match for nothing else, and what is not known on one side contradicts nothing. Pure.
 */
import type { Modality, Order } from '../api/types';

const DICOM_MODALITIES: Record<Modality, readonly string[]> = { USG: ['US'], XRAY: ['CR', 'DX'], CT: ['CT'], MRI: ['MR'] };

/** Modalities (PS3.3 section C.7.3.1.1.1) that accompany images and do not name a study. */
const NOT_IMAGES = new Set(['AU', 'DOC', 'ECG', 'EPS', 'HD', 'KO', 'PLAN', 'PR', 'REG', 'SEG', 'SR', 'RTDOSE', 'RTPLAN', 'RTRECORD', 'RTSTRUCT']);

/** What devices write where nobody entered a patient ID: all of them would be one person. */
const NO_IDENTIFIER = new Set(['', '0', 'ANON', 'ANONYMOUS', 'ANONYMIZED', 'N/A', 'NA', 'NONE', 'NULL', 'UNKNOWN']);

export interface ImageFacts {
  patientId?: string;
  issuerOfPatientId?: string;
  patientBirthDate?: string | null;
  modality?: string;
  accessionNumber?: string;
}

export type OrderFacts = Pick<Order, 'modality' | 'accessionNumber'> & { patient: { mrn: string; issuerOfPatientId?: string; birthDate?: string | null } };

export interface Comparison {
  what: 'patient' | 'issuer' | 'birth date' | 'modality' | 'accession';
  agrees: boolean;
}

/** What is known on both sides; what is known on one of them only is not listed. */
export function compareFacts(images: ImageFacts, { patient, modality, accessionNumber }: OrderFacts): Comparison[] {
  const shown = images.modality && !NOT_IMAGES.has(images.modality) ? images.modality : '';
  return [
    ...known('patient', patientKey(images.patientId), patientKey(patient.mrn)),
    ...known('issuer', comparisonKey(images.issuerOfPatientId), comparisonKey(patient.issuerOfPatientId)),
    ...known('birth date', images.patientBirthDate ?? '', patient.birthDate ?? ''),
    ...(shown ? [{ what: 'modality' as const, agrees: DICOM_MODALITIES[modality].includes(shown) }] : []),
    ...known('accession', comparisonKey(images.accessionNumber), comparisonKey(accessionNumber)),
  ];
}

const OF_THE_PERSON: ReadonlyArray<Comparison['what']> = ['patient', 'issuer', 'birth date'];

/** What says that the images are another person's: only who confirms it may match them. */
export const personDiffers = (compared: readonly Comparison[]): Array<Comparison['what']> => compared.filter(({ what, agrees }) => !agrees && OF_THE_PERSON.includes(what)).map(({ what }) => what);

function known(what: Comparison['what'], ofImages: string, ofOrder: string): Comparison[] {
  return ofImages && ofOrder ? [{ what, agrees: ofImages === ofOrder }] : [];
}

/** Systems pad and case identifiers differently; zeros before letters may tell two apart. */
function comparisonKey(identifier = ''): string {
  const key = identifier.replace(/\s+/gu, '').toUpperCase();
  return /^[0-9]+$/.test(key) ? key.replace(/^0+(?=.)/, '') : key;
}

function patientKey(patientId?: string): string {
  const key = comparisonKey(patientId);
  return NO_IDENTIFIER.has(key) ? '' : key;
}
