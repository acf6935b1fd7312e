/** Finds critical findings that a text states. Pure; the words are the catalogue's. */
import type { CriticalFindingKind } from '../api/types';
import { isNegated } from './negation';
import { sentencesOf } from './sentences';

/** Synonyms are words and phrases; `*` stands for any letters, `…` for up to five words that deny nothing. */
export type CriticalTerm = Pick<CriticalFindingKind, 'code' | 'title' | 'category' | 'synonyms'>;

export interface TermFound {
  term: CriticalTerm;
  sentence: string;
  start: number;
  end: number;
}

const URGENCY = { RED: 0, ORANGE: 1, YELLOW: 2 } as const;

/** Below zero when the first must be told sooner. */
export const byUrgency = (one: Pick<CriticalTerm, 'category'>, other: Pick<CriticalTerm, 'category'>): number => URGENCY[one.category] - URGENCY[other.category];

const GAP = '[\\s-]+(?:(?!no\\b|not\\b|without\\b)\\w+[\\s-]+){0,5}?';

const patternOf = (synonym: string): string =>
  synonym.toLowerCase().replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '\\w*').replaceAll(' … ', GAP).replace(/\s+/g, '[\\s-]+');

/** What a catalogue's findings are found by; a `non-displaced` fracture is not a displaced one. */
function patternsOf(terms: readonly CriticalTerm[]) {
  const named = terms.filter(({ synonyms }) => synonyms.length > 0);
  return named.map((term) => ({ term, pattern: new RegExp(`(?<!\\w|\\bnon[\\s-])(?:${term.synonyms.map(patternOf).join('|')})(?!\\w)`, 'gi') }));
}

/** Terms stated in the text, each once for each sentence; where the words of two meet, the more urgent one is meant. */
export function statedTerms(text: string, terms: readonly CriticalTerm[]): TermFound[] {
  const patterns = patternsOf(terms);
  return sentencesOf(text).flatMap(({ text: sentence, start }) => {
    const found = patterns.flatMap(({ term, pattern }) =>
      [...sentence.matchAll(pattern)]
        .map((match) => ({ term, sentence, start: start + match.index, end: start + match.index + match[0].length }))
        .filter((one) => !isNegated(sentence, one.start - start, one.end - start)),
    );
    const meant = found.filter((one) => !found.some((other) => other.start < one.end && one.start < other.end && byUrgency(other.term, one.term) < 0));
    return [...new Map(meant.toReversed().map((one) => [one.term.code, one])).values()].sort((one, other) => one.start - other.start);
  });
}
