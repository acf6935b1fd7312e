/** What the orderer answered about contrast medium and magnet: the order carries it as lines of text. Written and read here alone. */
import type { Order } from '../api/types';

export type Answer = '' | 'no' | 'yes' | 'unknown';

export const MRI_QUESTIONS = [
  { id: 'pacemaker', label: 'Pacemaker or defibrillator' },
  { id: 'metallicImplants', label: 'Metallic implants or splinters' },
  { id: 'cochlearImplants', label: 'Cochlear implants' },
  { id: 'aneurysmClips', label: 'Aneurysm clips' },
  { id: 'claustrophobia', label: 'Claustrophobia' },
] as const;
export type MriQuestion = (typeof MRI_QUESTIONS)[number]['id'];

export type StatedSafety = {
  allergy: Answer;
  allergyDetail: string;
  creatinine: string;
  creatinineDate: string;
  mri: Partial<Record<MriQuestion, Answer>>;
  mriDetail: string;
};

export const NOTHING_STATED: StatedSafety = { allergy: '', allergyDetail: '', creatinine: '', creatinineDate: '', mri: {}, mriDetail: '' };

const WORDS: Record<Answer, string> = { '': 'not asked', no: 'no', yes: 'yes', unknown: 'not known' };
const ANSWERS = Object.fromEntries(Object.entries(WORDS).map(([answer, words]) => [words, answer])) as Record<string, Answer>;

export function contrastLines({ allergy, allergyDetail, creatinine, creatinineDate }: StatedSafety): string[] {
  return [
    `Contrast allergy: ${WORDS[allergy]}${allergy === 'yes' ? `, ${allergyDetail.trim()}` : ''}`,
    creatinine.trim() ? `Creatinine: ${creatinine.trim().replace(',', '.')} mg/dL${creatinineDate ? ` (${creatinineDate})` : ''}` : 'Creatinine: not known',
  ];
}

export function magnetLines({ mri, mriDetail }: StatedSafety): string[] {
  return [`MRI safety: ${MRI_QUESTIONS.map(({ id, label }) => `${label.toLowerCase()} ${WORDS[mri[id] ?? '']}`).join('; ')}`, ...(mriDetail.trim() ? [`MRI safety, details: ${mriDetail.trim()}`] : [])];
}

/** The answers out of the lines; nothing where an order has none, as one that comes by HL7 or from the workflow service. */
export function readSafety(instructions: string): StatedSafety {
  const found = (pattern: RegExp) => pattern.exec(instructions)?.slice(1) ?? [];
  const [allergy = '', allergyDetail = ''] = found(/^Contrast allergy: (no|yes|not known)(?:, (.*))?\r?$/m);
  const [creatinine = '', creatinineDate = ''] = found(/^Creatinine: (\d+(?:\.\d+)?) mg\/dL(?: \((\d{4}-\d\d-\d\d)\))?\r?$/m);
  const [magnet = ''] = found(/^MRI safety: (.*?)\r?$/m);
  const [mriDetail = ''] = found(/^MRI safety, details: (.*?)\r?$/m);
  return { allergy: ANSWERS[allergy] ?? '', allergyDetail, creatinine, creatinineDate, mri: magnetAnswers(magnet), mriDetail };
}

function magnetAnswers(line: string): StatedSafety['mri'] {
  const parts = line.split('; ');
  return Object.fromEntries(
    MRI_QUESTIONS.flatMap(({ id, label }) => {
      const name = `${label.toLowerCase()} `;
      const answer = ANSWERS[parts.find((part) => part.startsWith(name))?.slice(name.length) ?? ''];
      return answer ? [[id, answer]] : [];
    }),
  );
}

const ON_SAFETY = /allerg|anaphyla|creatinine|\be?gfr\b|pregnan|pacemaker|defibrillator|implant|splinter|\bmetal(lic)?\b|\bclips?\b|claustrophob|^MRI safety/i;

/** Lines of the order that are about allergy, kidneys, pregnancy or metal, in its own words and from wherever they stand. */
export function safetyWords(order: Pick<Order, 'specialInstructions' | 'clinicalHistory' | 'clinicalIndication'>): string[] {
  const lines = [order.specialInstructions, order.clinicalHistory, order.clinicalIndication].flatMap((text) => (text ?? '').split('\n'));
  return lines.map((line) => line.trim()).filter((line) => ON_SAFETY.test(line));
}
