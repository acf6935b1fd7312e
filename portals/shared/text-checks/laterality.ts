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

/**
 * Comparing with the healthy side is usual and no mistake. Only the side that is compared with is meant: a comparison
 * with an earlier exam, or an asymmetry, says nothing of the side of what follows.
 */
const HEALTHY = '(?:healthy|normal|opposite|other|unaffected|uninjured|asymptomatic|contralateral)';
const COMPARED_WITH = new RegExp(
  [
    `\\b(?:(?:compared|comparison|relative|asymmetr\\w+) (?:to|with|against)|versus|vs\\.?|than|contralateral)(?: (?:side|on|in|at|that of))*[\\s:,(]+(?:the )?(?:${HEALTHY} )*(?:\\w+ (?:on|of) the )?(?:left|right)(?:[\\s-]sided?)?\\b`,
    '\\b(?:left|right)(?: \\w+)? (?:\\(contralateral|versus|vs\\b)',
  ].join('|'),
  'gi',
);

/** That a whole side is normal: the other one for comparison, where the text speaks of the examined one too. */
const NORMAL_SIDE = /^(?:the )?(?:normal|unremarkable)(?: \w+ of)?(?: the)? (?:left|right)\b|\b(?:left|right)(?: (?!with\b|and\b|of\b|in\b|shows?\b)[\w-]+){0,3}:? (?:normal|unremarkable)(?=\s*(?:[.,;]|$))/i;

/** How the sides are abbreviated. A single letter must be a capital, and no vertebra, litre or part of a word. */
const SPELLED: ReadonlyArray<[RegExp, string]> = [
  [/\b(?<!\b(?:post|after|prior|previous|s\/p)[\s-])rt\b\.?/gi, 'right'],
  [/\blt\b\.?/gi, 'left'],
  [/(?<![\w/.'’-]|\d\s)R(?![\w/.'’-])/g, 'right'],
  [/(?<![\w/.'’-]|\d\s)L(?![\w/.'’-])(?!\s+spine)/g, 'left'],
];

const spelled = (sentence: string): string => SPELLED.reduce((text, [abbreviation, side]) => text.replace(abbreviation, side), sentence);

/** A sentence in which `left` and `right` say on which side something is, and nothing else. */
export const withPlainSides = (sentence: string): string => spelled(sentence).replace(NAMES, '');

export function wrongSides(text: string, ordered: Side): WrongSide[] {
  const [own, other] = ordered === 'LEFT' ? ['left', 'right'] : ['right', 'left'];
  const has = (sentence: string, side: string) => new RegExp(`\\b${side}(?:[\\s-]sided?)?\\b`, 'i').test(sentence);
  const sentences = sentencesOf(text).map((sentence) => ({ ...sentence, plain: withPlainSides(sentence.text).replace(COMPARED_WITH, '') }));
  const isOwnNamed = sentences.some(({ plain }) => has(plain, own));
  const isUsual = (plain: string) => /\bbilateral\w*\b/i.test(plain) || (isOwnNamed && NORMAL_SIDE.test(plain));
  return sentences
    .filter(({ plain }) => has(plain, other) && !has(plain, own) && !isUsual(plain))
    .map(({ text: sentence, start }) => ({ sentence, start, word: other.toUpperCase() as Side }));
}
