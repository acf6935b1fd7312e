/** The technologist's answers beside what the orderer answered: where they contradict, somebody says which is right. Pure. */
import type * as gen from '@shared/api/generated/types.gen';
import { labValue } from '@shared/order-entry/lab-value';
import type { MriQuestion, Question } from '@shared/order-entry/stated-safety';
import { labelOf, MRI_QUESTIONS, saidOn } from '@shared/order-entry/stated-safety';

export type YesOrNo = 'yes' | 'no' | '';

export type Answers = { allergy: YesOrNo; creatinine: string; egfr: string; mri: Partial<Record<MriQuestion, YesOrNo>> };
export const NOT_ANSWERED: Answers = { allergy: '', creatinine: '', egfr: '', mri: {} };

export type Difference = { question: Question; asked: string; said: string };

/** The rules of the server (order_consumer/safety.py), which refuses what is sent without a word: here to ask for it beside the answer. */
const HIGH_CREATININE = 2.0;
const LOW_EGFR = 30;
const MUCH = 1.5;

/** Answers that the order contradicts. What it was not asked, or does not know, contradicts nothing. */
export function differences(stated: gen.StatedSafety | null | undefined, { allergy, creatinine, egfr, mri }: Answers): Difference[] {
  if (!stated) return [];
  const before = stated.contrast?.creatinineMgPerDl ?? null;
  const now = labValue(creatinine);
  const filtered = labValue(egfr);
  const found: Question[] = [];
  if (contradict(stated.contrast?.allergyToContrast, allergy)) found.push('allergyToContrast');
  if (before !== null && now !== null && differMuch(before, now)) found.push('creatinineMgPerDl');
  if (before !== null && filtered !== null && before > HIGH_CREATININE && filtered >= LOW_EGFR) found.push('egfrMlPerMin');
  for (const { id } of MRI_QUESTIONS) if (contradict(stated.mri?.[id], mri[id])) found.push(id);
  return found.map((question) => ({ question, asked: labelOf(question), said: saidOn(stated, question) }));
}

function contradict(stated: string | null | undefined, answered: YesOrNo | undefined): boolean {
  return (stated === 'yes' && answered === 'no') || (stated === 'no' && answered === 'yes');
}

function differMuch(before: number, now: number): boolean {
  return Math.max(before, now) >= MUCH * Math.min(before, now) || before > HIGH_CREATININE !== now > HIGH_CREATININE;
}
