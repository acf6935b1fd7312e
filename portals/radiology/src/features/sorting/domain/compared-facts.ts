/** What an image in quarantine says of itself beside what it is compared with. Pure. */
import type { QuarantineComparison } from '@shared/api/types';
import { examName } from '@shared/order-form/exam-name';
import { personName } from '@shared/time/hospital-time';
import { calendarDate } from '@shared/viewer/study-listing';

type ImageFacts = QuarantineComparison['received'];

export interface ComparedFact {
  what: string;
  received: string;
  stored: string;
  differs: boolean;
}

/** Enough to tell two digests apart by eye. */
const DIGEST_SHOWN = 12;

const FACTS: ReadonlyArray<[what: string, of: (image: ImageFacts) => string]> = [
  ['Patient', ({ patientName }) => personName(patientName)],
  ['Number', ({ patientId, issuerOfPatientId }) => [patientId, issuerOfPatientId && `(${issuerOfPatientId})`].filter(Boolean).join(' ')],
  ['Born', ({ patientBirthDate }) => (patientBirthDate ? calendarDate(patientBirthDate) : '')],
  ['Exam date', ({ studyDate }) => (studyDate ? calendarDate(studyDate) : '')],
  ['Exam', ({ modality, studyDescription }) => examName(modality, studyDescription)],
  ['Accession', ({ accessionNumber }) => accessionNumber],
  ['Series', ({ seriesNumber, seriesDescription }) => [seriesNumber, seriesDescription].filter(isTold).join(' · ')],
  ['Image', ({ instanceNumber }) => String(instanceNumber ?? '')],
  ['Size', sizeOf],
  ['Bytes', ({ sizeBytes }) => sizeBytes?.toLocaleString('en') ?? ''],
  ['SHA-256', ({ sha256 }) => sha256.slice(0, DIGEST_SHOWN)],
];

/** Line by line; what is not known on one side differs in nothing. */
export function comparedFacts({ received, stored }: QuarantineComparison): ComparedFact[] {
  return FACTS.map(([what, of]) => {
    const [one, other] = [of(received), stored ? of(stored) : ''];
    return { what, received: one, stored: other, differs: one !== '' && other !== '' && one !== other };
  });
}

function sizeOf({ rows, columns, numberOfFrames }: ImageFacts): string {
  if (!rows || !columns) return '';
  return numberOfFrames > 1 ? `${columns} × ${rows}, ${numberOfFrames} frames` : `${columns} × ${rows}`;
}

function isTold(value: string | number | null): boolean {
  return value !== null && value !== '';
}
