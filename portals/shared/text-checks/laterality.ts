/** Finds sentences that name the other side than the one the exam was ordered for. Pure. */
import { sentencesOf } from './sentences';

export type Side = 'LEFT' | 'RIGHT';

export interface WrongSide {
  sentence: string;
  start: number;
  word: Side;
}

/** Structures whose name holds a side whichever side is examined, and other senses of the words. */
const NAMES = new RegExp(
  [
    '(?:left|right)(?:[\\s-]+(?:sided?))?[\\s-]+(?:ventric\\w*|atri\\w*|heart|coronary|hemicolon|colon|colic flexure|gastric|hepatic|portal|lobe of (?:the )?(?:liver|thyroid)|hepatic lobe|handed|main bronchus|bundle)',
    'left (?:in place|unchanged|untreated|in situ|over|behind|circumflex|anterior descending|main)',
    'right (?:away|now|after|angle\\w*|before)',
    'all right',
  ].join('|'),
  'gi',
);

/** Comparing with the healthy side is usual and no mistake. */
const COMPARISON = /\b(?:compared (?:to|with)|contralateral|comparison|asymmetr\w+|versus|vs\.?|normal)\b/i;

export function wrongSides(text: string, ordered: Side): WrongSide[] {
  const [own, other] = ordered === 'LEFT' ? ['left', 'right'] : ['right', 'left'];
  const has = (sentence: string, side: string) => new RegExp(`\\b${side}(?:[\\s-]sided?)?\\b`, 'i').test(sentence);
  return sentencesOf(text)
    .map((sentence) => ({ ...sentence, plain: sentence.text.replace(NAMES, '') }))
    .filter(({ plain }) => has(plain, other) && !has(plain, own) && !/\bbilateral\w*\b/i.test(plain) && !COMPARISON.test(plain))
    .map(({ text: sentence, start }) => ({ sentence, start, word: other.toUpperCase() as Side }));
}
