/** The technologist's answers beside what the orderer answered: where they differ, somebody says which is right. Pure. */
import { labValue } from '@shared/order-entry/lab-value';
import type { MriQuestion, StatedSafety } from '@shared/order-entry/stated-safety';
import { calendarDate } from '@shared/viewer/study-listing';

export type YesOrNo = 'yes' | 'no' | '';

export const MRI_QUESTIONS: ReadonlyArray<readonly [MriQuestion, string]> = [
  ['pacemaker', 'Pacemaker or defibrillator'],
  ['metallicImplants', 'Metallic implants'],
  ['cochlearImplants', 'Cochlear implants'],
  ['aneurysmClips', 'Aneurysm clips'],
  ['claustrophobia', 'Claustrophobia'],
];

export type Answers = { allergy: YesOrNo; creatinine: string; egfr: string; mri: Partial<Record<MriQuestion, YesOrNo>> };
export const NOT_ANSWERED: Answers = { allergy: '', creatinine: '', egfr: '', mri: {} };

export type Question = 'allergy' | 'creatinine' | 'egfr' | MriQuestion;
export type Difference = { question: Question; asked: string; answered: string; said: string };

/** Kidneys are called bad from here on (order_consumer/safety.py). */
const HIGH_CREATININE = 2.0;
const LOW_EGFR = 30;
/** A rise of half is an acute injury of the kidneys (KDIGO 2012); less is the laboratory's scatter. */
const MUCH = 1.5;

/** Answers that the order contradicts. What it was not asked, or does not know, contradicts nothing. */
export function differences(said: StatedSafety, { allergy, creatinine, egfr, mri }: Answers): Difference[] {
  const found: Difference[] = [];
  if (contradict(said.allergy, allergy)) found.push({ question: 'allergy', asked: 'Allergy to contrast medium', answered: allergy, said: withDetail(said.allergy, said.allergyDetail) });
  const before = labValue(said.creatinine);
  if (before !== null) {
    const words = `${said.creatinine} mg/dL${said.creatinineDate ? `, measured on ${calendarDate(said.creatinineDate)}` : ''}`;
    const now = labValue(creatinine);
    const filtered = labValue(egfr);
    if (now !== null && differMuch(before, now)) found.push({ question: 'creatinine', asked: 'Creatinine', answered: `${now} mg/dL`, said: words });
    if (filtered !== null && before > HIGH_CREATININE && filtered >= LOW_EGFR) found.push({ question: 'egfr', asked: 'eGFR', answered: `${filtered} mL/min`, said: `creatinine ${words}` });
  }
  for (const [question, asked] of MRI_QUESTIONS) {
    const [stated, answered] = [said.mri[question] ?? '', mri[question] ?? ''];
    if (contradict(stated, answered)) found.push({ question, asked, answered, said: withDetail(stated, question === 'claustrophobia' ? '' : said.mriDetail) });
  }
  return found;
}

function contradict(stated: string, answered: YesOrNo): boolean {
  return (stated === 'yes' && answered === 'no') || (stated === 'no' && answered === 'yes');
}

function withDetail(answer: string, detail: string): string {
  return answer === 'yes' && detail ? `yes, ${detail}` : answer;
}

function differMuch(before: number, now: number): boolean {
  return Math.max(before, now) >= MUCH * Math.min(before, now) || before > HIGH_CREATININE !== now > HIGH_CREATININE;
}

/** The free words of a screening, with one line for each difference and whose word it is. */
export function onRecord(detail: string, differing: Difference[], words: Partial<Record<Question, string>>): string {
  const lines = differing.map(({ question, asked, answered, said }) => `${asked}: ${answered}. The order says: ${said}. Confirmed: ${(words[question] ?? '').trim()}`);
  return [detail.trim(), ...lines].filter(Boolean).join('\n');
}
