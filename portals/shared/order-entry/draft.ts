/** An order as it is being written: what the form holds, what is still wrong with it, and what is sent. Pure. */
import type * as gen from '../api/generated/types.gen';
import type { Modality, Order, Priority } from '../api/types';
import { dicomName, EXAMS } from '../order-form/exams';
import { HOW_TO_WRITE_A_TIME, isTimeOfDay } from '../time/time-of-day';
import { creatinineProblem, labValue } from './lab-value';
import type { SafetyAnswers } from './stated-safety';
import { MRI_QUESTIONS, NOTHING_ANSWERED } from './stated-safety';

export type KnownPatient = Pick<Order['patient'], 'id' | 'mrn' | 'name' | 'birthDate' | 'sex' | 'issuerOfPatientId'>;

export type OrderDraft = SafetyAnswers & {
  patient: KnownPatient | null;
  isNewPatient: boolean;
  mrn: string;
  family: string;
  given: string;
  birthDate: string;
  sex: 'F' | 'M' | 'O' | 'U' | '';
  orderingProviderId: string;
  orderingProviderName: string;
  modality: Modality | null;
  studyType: string;
  bodyPart: string;
  laterality: 'LEFT' | 'RIGHT' | 'BILATERAL' | '';
  priority: Priority;
  indication: string;
  history: string;
  contrastRequired: boolean;
  contrastType: 'IODINE' | 'GADOLINIUM' | 'ORAL' | '';
  date: string;
  time: string;
  instructions: string;
  /** Orders that would be doubled, which the orderer has seen and wants to double. */
  knownDuplicates: string[];
};

export type Field = keyof OrderDraft | 'duplicates';
export type Problems = Partial<Record<Field, string>>;

export const EMPTY_DRAFT: OrderDraft = {
  patient: null,
  isNewPatient: false,
  mrn: '',
  family: '',
  given: '',
  birthDate: '',
  sex: '',
  orderingProviderId: '',
  orderingProviderName: '',
  modality: null,
  studyType: '',
  bodyPart: '',
  laterality: '',
  priority: 'ROUTINE',
  indication: '',
  history: '',
  contrastRequired: false,
  contrastType: '',
  ...NOTHING_ANSWERED,
  date: '',
  time: '',
  instructions: '',
  knownDuplicates: [],
};

/** The order is for somebody else: what was answered about allergy, kidneys and metal was the first patient's, and is asked anew. */
export const OTHER_PATIENT = {
  patient: null,
  isNewPatient: false,
  knownDuplicates: [],
  ...NOTHING_ANSWERED,
} satisfies Partial<OrderDraft>;

export const isUntouched = (draft: OrderDraft): boolean => JSON.stringify({ ...draft, orderingProviderId: '', orderingProviderName: '' }) === JSON.stringify(EMPTY_DRAFT);

/** Parts of the body of which there are two, and the exams that are of one side. */
const PAIRED = /^(HIP|KNEE|ANKLE|FOOT|SHOULDER|ELBOW|WRIST|HAND|LEG|ARM|BREAST|ORBIT|EAR|CALCANEUS|CLAVICLE|FEMUR|TIBIA|HUMERUS|FOREARM|THIGH)\b/;

export function needsSide(draft: Pick<OrderDraft, 'modality' | 'studyType' | 'bodyPart'>): boolean {
  const exam = draft.modality && EXAMS[draft.modality].find(({ studyType }) => studyType === draft.studyType);
  return (exam?.sided ?? false) || PAIRED.test(draft.bodyPart.trim().toUpperCase());
}

export const asksContrast = ({ modality }: Pick<OrderDraft, 'modality'>): boolean => modality === 'CT' || modality === 'MRI';

export function withModality(draft: OrderDraft, modality: Modality): OrderDraft {
  if (modality === draft.modality) return draft;
  return { ...draft, modality, studyType: '', bodyPart: '', laterality: '', contrastRequired: false, contrastType: '' };
}

/** An exam of the list brings its body part and its usual contrast; a typed one only its name. */
export function withExam(draft: OrderDraft, studyType: string): OrderDraft {
  const exam = draft.modality && EXAMS[draft.modality].find((one) => one.studyType === studyType);
  if (!exam) return { ...draft, studyType };
  return { ...draft, studyType, bodyPart: exam.bodyPart, contrastRequired: exam.contrast !== undefined, contrastType: exam.contrast ?? '', laterality: exam.sided ? draft.laterality : '' };
}

export function withContrast(draft: OrderDraft, contrastRequired: boolean): OrderDraft {
  const usual = draft.modality === 'MRI' ? ('GADOLINIUM' as const) : ('IODINE' as const);
  return { ...draft, contrastRequired, contrastType: contrastRequired ? draft.contrastType || usual : '' };
}

/** What the server is asked about before it is sent: who is ordered which exam already? Null: not enough is known yet. */
export function wantedExam(draft: OrderDraft): gen.WantedExam | null {
  const patient = draft.isNewPatient ? { mrn: draft.mrn } : draft.patient;
  const mrn = patient?.mrn.trim();
  const bodyPart = draft.bodyPart.trim();
  if (!mrn || !draft.modality || !bodyPart) return null;
  return { mrn, issuerOfPatientId: draft.isNewPatient ? '' : (draft.patient?.issuerOfPatientId ?? ''), modality: draft.modality, studyType: draft.studyType.trim(), bodyPart };
}

/** Doubled orders that the orderer has not said to know. */
export const unconfirmed = (draft: OrderDraft, duplicates: ReadonlyArray<{ id: string }>): boolean => !duplicates.every(({ id }) => draft.knownDuplicates.includes(id));

/** What still stands between the form and an order, each as a sentence for its field. `today` is the hospital's. */
export function problemsOf(draft: OrderDraft, today: string, duplicates: ReadonlyArray<{ id: string }> = []): Problems {
  const found: Problems = {};
  const demand = (field: Field, holds: boolean, sentence: string) => {
    if (!holds) found[field] = sentence;
  };
  if (draft.isNewPatient) {
    demand('family', draft.family.trim() !== '', 'Enter the family name.');
    demand('mrn', draft.mrn.trim() !== '', 'Enter the MRN: images are matched by it.');
    demand('mrn', draft.mrn.trim().length <= 64, 'An MRN has at most 64 characters.');
    demand('birthDate', draft.birthDate !== '', 'Enter the date of birth.');
    demand('birthDate', draft.birthDate <= today, 'This day is still to come.');
    demand('sex', draft.sex !== '', 'Choose one; “unknown” is an answer.');
  } else demand('patient', draft.patient !== null, 'Choose the patient.');
  demand('modality', draft.modality !== null, 'Choose how to examine.');
  if (draft.modality) {
    demand('studyType', draft.studyType.trim() !== '', 'Choose the exam.');
    demand('bodyPart', draft.bodyPart.trim() !== '', 'Enter the body part.');
    demand('laterality', draft.laterality !== '' || !needsSide(draft), 'Choose the side.');
  }
  demand('duplicates', !unconfirmed(draft, duplicates), 'Look at the orders above, and confirm if you need this one too.');
  if (asksContrast(draft) && draft.contrastRequired) {
    demand('contrastType', draft.contrastType !== '', 'Choose the contrast medium.');
    demand('allergy', draft.allergy !== '', 'Answer this one; “not known” is an answer.');
    demand('allergyDetail', draft.allergy !== 'yes' || draft.allergyDetail.trim() !== '', 'Say what happened, and after what.');
    demand('creatinine', creatinineProblem(draft.creatinine) === '', creatinineProblem(draft.creatinine));
    demand('creatinineDate', draft.creatinineDate <= today, 'This day is still to come.');
  }
  if (draft.modality === 'MRI') {
    demand('mri', MRI_QUESTIONS.every(({ id }) => draft.mri[id] !== undefined), 'Answer all five; “not known” is an answer.');
    demand('mriDetail', !hasMriRisk(draft) || draft.mriDetail.trim() !== '', 'Say which, since when, and whether it is MR conditional.');
  }
  demand('indication', draft.indication.trim() !== '', 'Say why the exam is needed and what it shall answer.');
  demand('date', draft.date === '' || draft.date >= today, 'This day is over.');
  demand('time', draft.time === '' || draft.date !== '', 'A time needs a day.');
  demand('time', draft.time === '' || isTimeOfDay(draft.time), HOW_TO_WRITE_A_TIME);
  return found;
}

export const hasMriRisk = (draft: OrderDraft): boolean => MRI_QUESTIONS.some(({ id }) => id !== 'claustrophobia' && draft.mri[id] === 'yes');

/** The answers to what was asked. A detail is sent with the yes that it is of. */
function statedSafety(draft: OrderDraft): gen.StatedSafety | null {
  const creatinine = labValue(draft.creatinine);
  const contrast = asksContrast(draft) && draft.contrastRequired && {
    allergyToContrast: draft.allergy || null,
    allergyDetail: draft.allergy === 'yes' ? draft.allergyDetail.trim() : '',
    creatinineMgPerDl: creatinine,
    creatinineMeasuredOn: creatinine === null ? null : draft.creatinineDate || null,
  };
  const mri = draft.modality === 'MRI' && { ...draft.mri, detail: Object.values(draft.mri).includes('yes') ? draft.mriDetail.trim() : '' };
  return contrast || mri ? { contrast: contrast || null, mri: mri || null } : null;
}

/** What is sent. The draft has no problems any more, and the patient has an id. */
export function toOrder(draft: OrderDraft, patientId: string, encounterId: string): gen.CreateOrder {
  if (!draft.modality) throw new Error('An order without a modality has problems');
  const contrast = asksContrast(draft) && draft.contrastRequired;
  return {
    patient: draft.isNewPatient || !draft.patient
      ? { id: patientId, mrn: draft.mrn.trim(), name: dicomName(draft.family, draft.given), birthDate: draft.birthDate, sex: draft.sex || 'U' }
      : draft.patient,
    encounterId,
    ...(draft.orderingProviderId ? { orderingProviderId: draft.orderingProviderId } : {}),
    modality: draft.modality,
    studyType: draft.studyType.trim(),
    bodyPart: draft.bodyPart.trim().toUpperCase(),
    laterality: draft.laterality || null,
    clinicalIndication: draft.indication.trim(),
    clinicalHistory: draft.history.trim(),
    contrastRequired: contrast,
    contrastType: contrast ? draft.contrastType || null : null,
    contrastAllergyChecked: contrast && (draft.allergy === 'no' || draft.allergy === 'yes'),
    creatinineChecked: contrast && draft.creatinine.trim() !== '',
    statedSafety: statedSafety(draft),
    specialInstructions: draft.instructions.trim(),
    priority: draft.priority,
    scheduledDate: draft.date || null,
    scheduledTime: draft.time || null,
  };
}

const FIELD_OF: Record<string, Field> = {
  'patient.name': 'family',
  'patient.mrn': 'mrn',
  'patient.birthDate': 'birthDate',
  'patient.sex': 'sex',
  orderingProviderId: 'orderingProviderId',
  modality: 'modality',
  studyType: 'studyType',
  bodyPart: 'bodyPart',
  laterality: 'laterality',
  clinicalIndication: 'indication',
  clinicalHistory: 'history',
  contrastType: 'contrastType',
  'statedSafety.contrast.allergyDetail': 'allergyDetail',
  'statedSafety.contrast.creatinineMgPerDl': 'creatinine',
  'statedSafety.contrast.creatinineMeasuredOn': 'creatinineDate',
  'statedSafety.mri.detail': 'mriDetail',
  specialInstructions: 'instructions',
  scheduledDate: 'date',
  scheduledTime: 'time',
};

/** The server's word on fields, at the fields that the form has; the rest is told above the form. */
export function fieldsOf(errors: ReadonlyArray<{ field: string; message: string }>): Problems {
  return Object.fromEntries(errors.flatMap(({ field, message }) => (FIELD_OF[field] ? [[FIELD_OF[field], message]] : []))) as Problems;
}
