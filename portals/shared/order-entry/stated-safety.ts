/** What the orderer answered about contrast medium and magnet: the questions, and the words for the answers. */
import type * as gen from '../api/generated/types.gen';
import type { Order } from '../api/types';
import { calendarDate } from '../viewer/study-listing';

export type Answer = 'no' | 'yes' | 'unknown';

/** Asked by whoever orders, and again by the technologist before the exam. */
export const MRI_QUESTIONS = [
  { id: 'pacemaker', label: 'Pacemaker or defibrillator' },
  { id: 'metallicImplants', label: 'Metallic implants or splinters' },
  { id: 'cochlearImplants', label: 'Cochlear implants' },
  { id: 'aneurysmClips', label: 'Aneurysm clips' },
  { id: 'claustrophobia', label: 'Claustrophobia' },
] as const;
export type MriQuestion = (typeof MRI_QUESTIONS)[number]['id'];

export type Question = keyof gen.Confirmations;

/** On which an answer of the screening can contradict the order. */
export const QUESTIONS: ReadonlyArray<{ id: Question; label: string }> = [
  { id: 'allergyToContrast', label: 'Allergy to contrast medium' },
  { id: 'creatinineMgPerDl', label: 'Creatinine' },
  { id: 'egfrMlPerMin', label: 'eGFR' },
  ...MRI_QUESTIONS,
];

export const labelOf = (question: Question): string => QUESTIONS.find(({ id }) => id === question)?.label ?? question;

/** The answers as the form of an order holds them. */
export type SafetyAnswers = {
  allergy: Answer | '';
  allergyDetail: string;
  creatinine: string;
  creatinineDate: string;
  mri: Partial<Record<MriQuestion, Answer>>;
  mriDetail: string;
};

export const NOTHING_ANSWERED: SafetyAnswers = { allergy: '', allergyDetail: '', creatinine: '', creatinineDate: '', mri: {}, mriDetail: '' };

const WORDS: Record<Answer, string> = { no: 'no', yes: 'yes', unknown: 'not known' };

/** What the order says on a question of the screening. */
export function saidOn(stated: gen.StatedSafety, question: Question): string {
  switch (question) {
    case 'allergyToContrast':
      return words(stated.contrast?.allergyToContrast, stated.contrast?.allergyDetail);
    case 'creatinineMgPerDl':
      return creatinine(stated.contrast);
    case 'egfrMlPerMin':
      return `creatinine ${creatinine(stated.contrast)}`;
    case 'claustrophobia':
      return words(stated.mri?.claustrophobia);
    default:
      return words(stated.mri?.[question], stated.mri?.detail);
  }
}

function words(answer: Answer | null | undefined, detail = ''): string {
  if (!answer) return 'not asked';
  return answer === 'yes' && detail ? `yes, ${detail}` : WORDS[answer];
}

function creatinine(stated: gen.StatedSafety['contrast']): string {
  if (!stated?.creatinineMgPerDl) return 'not known';
  return `${stated.creatinineMgPerDl} mg/dL${stated.creatinineMeasuredOn ? `, measured on ${calendarDate(stated.creatinineMeasuredOn)}` : ''}`;
}

/** All that the orderer answered, line by line; nothing in an order of another system, which has no answers. */
export function statedWords({ statedSafety }: Pick<gen.Order, 'statedSafety'>): string[] {
  if (!statedSafety) return [];
  const { contrast, mri } = statedSafety;
  const onContrast = contrast ? (['allergyToContrast', 'creatinineMgPerDl'] as const).map((question) => `${labelOf(question)}: ${saidOn(statedSafety, question)}`) : [];
  const onMagnet = mri ? [`MRI safety: ${MRI_QUESTIONS.map(({ id, label }) => `${label.toLowerCase()} ${words(mri[id])}`).join('; ')}`] : [];
  return [...onContrast, ...onMagnet, ...(mri?.detail ? [`MRI safety, details: ${mri.detail}`] : [])];
}

type ContrastOrdered = Pick<gen.Order, 'contrastRequired' | 'contrastType' | 'contrastAllergyChecked' | 'creatinineChecked' | 'statedSafety'>;

/** The contrast medium. That allergy was asked is no answer: it is told only where the answers are not, which else stand in `statedWords`. */
export function contrastWords({ contrastRequired, contrastType, contrastAllergyChecked, creatinineChecked, statedSafety }: ContrastOrdered): string {
  if (!contrastRequired) return 'none';
  const unanswered = statedSafety?.contrast ? [] : [contrastAllergyChecked && 'allergy was asked, the answer is not in the order', creatinineChecked && 'creatinine was looked up, the value is not in the order'];
  return [(contrastType ?? 'yes').toLowerCase(), ...unanswered].filter(Boolean).join('; ');
}

const ON_SAFETY = /allerg|anaphyla|creatinine|\be?gfr\b|pregnan|pacemaker|defibrillator|implant|splinter|\bmetal(lic)?\b|\bclips?\b|claustrophob|^MRI safety/i;

/** Lines of free text that are about allergy, kidneys, pregnancy or metal: what an order says that has no answers, or besides them. */
export function safetyWords(order: Pick<Order, 'specialInstructions' | 'clinicalHistory' | 'clinicalIndication'>): string[] {
  const lines = [order.specialInstructions, order.clinicalHistory, order.clinicalIndication].flatMap((text) => (text ?? '').split('\n'));
  return lines.map((line) => line.trim()).filter((line) => ON_SAFETY.test(line));
}
