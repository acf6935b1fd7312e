/** What the editor warns of before a signature. Pure; each warning names the words that it is about. */
import type { CriticalFindingKind, Order } from '@shared/api/types';
import type { ReportContent } from '@shared/report/content';
import type { CriticalTerm } from '@shared/text-checks/critical-terms';
import { STAT_TERMS, statedTerms } from '@shared/text-checks/critical-terms';
import { wrongSides } from '@shared/text-checks/laterality';

export interface ReportWarning {
  id: string;
  title: string;
  detail: string;
  /** The finding to flag with one click, when that is what the warning asks for. */
  flag?: string;
}

export function termsOf(catalogue: readonly CriticalFindingKind[] | undefined): readonly CriticalTerm[] {
  const named = (catalogue ?? []).filter((kind) => kind.synonyms.length > 0);
  return named.length > 0 ? named.map(({ code, title, synonyms }) => ({ code, title, synonyms })) : STAT_TERMS;
}

export function warningsOf(content: ReportContent, order: Pick<Order, 'laterality'>, terms: readonly CriticalTerm[]): ReportWarning[] {
  return [...unflagged(content, terms), ...otherSide(content, order)];
}

function unflagged(content: ReportContent, terms: readonly CriticalTerm[]): ReportWarning[] {
  if (content.hasCriticalFindings) return [];
  const found = [...statedTerms(content.impression, terms), ...statedTerms(content.findings, terms)];
  const once = [...new Map(found.map((term) => [term.code, term])).values()];
  return once.map((term) => ({
    id: `critical-${term.code}`,
    title: `${term.title}: not marked as critical`,
    detail: `“${term.sentence}”`,
    flag: term.code,
  }));
}

function otherSide(content: ReportContent, { laterality }: Pick<Order, 'laterality'>): ReportWarning[] {
  if (laterality !== 'LEFT' && laterality !== 'RIGHT') return [];
  const found = (['findings', 'impression'] as const).flatMap((section) => wrongSides(content[section], laterality).map((wrong) => ({ section, ...wrong })));
  return found.map(({ section, sentence, start, word }) => ({
    id: `side-${section}-${start}`,
    title: `The exam is of the ${laterality.toLowerCase()} side, the ${section} say ${word.toLowerCase()}`,
    detail: `“${sentence}”`,
  }));
}
