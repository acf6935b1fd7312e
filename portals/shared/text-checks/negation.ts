/**
 * Whether a term is denied where it stands: the NegEx idea (Chapman 2001), with triggers before and after
 * the term and a scope that ends at a turn of the sentence. When in doubt a term counts as stated: a
 * warning too many costs a glance, one too few costs a patient.
 */
const BEFORE = [
  'no', 'not', 'without', 'w/o', 'never', 'none', 'neither', 'nor', 'denies', 'absent', 'absence of', 'free of', 'clear of',
  'negative for', 'rather than', 'instead of', 'rule out', 'r/o', 'ruled out for', 'excludes', 'excluded', 'to exclude', 'resolution of', 'resolved', 'no longer', 'unremarkable for',
];

/** Of the past is what stands directly behind: "compared to the previous study the pneumothorax" is of today. */
const OF_THE_PAST = /(?:^|[^\w])(?:history of|status post|s\/p|previous|(?<!\byears?[\s-])old|remote|treated)\s+(?:[^\s,]+\s+)?$/i;

const AFTER = [
  'is absent', 'are absent', 'not seen', 'not identified', 'not present', 'not demonstrated', 'not evident', 'not visualized', 'not visualised', 'not detected',
  'is excluded', 'are excluded', 'was excluded', 'ruled out', 'has resolved', 'have resolved', 'is resolved', 'resolved', 'no longer seen', 'no longer present', 'is unlikely', 'negative',
];

/** Words that look like a denial and are none. */
const NOT_A_DENIAL = [
  'no change in', 'no significant change in', 'no interval change in', 'not changed', 'no increase in', 'no decrease in', 'not only', 'no improvement in',
  'cannot be excluded', 'cannot exclude', 'can not exclude', 'could not exclude', 'cannot rule out', 'can not rule out', 'not excluded', 'not ruled out', 'cannot be ruled out', 'not been excluded', 'no doubt', 'not resolved', 'has not resolved', 'without change in',
  'no other', 'no further',
];

/** Where one statement of a sentence ends and the next begins. */
const TURN = /\b(?:but|however|although|though|except|aside from|apart from|other than|yet|nevertheless|whereas|while|now|with (?:new|acute|a|an)|which|due to|secondary to|because of|consistent with|suspicious for|concerning for|compatible with|there (?:is|are)|demonstrates?|shows?|reveals?|and an?)\b|, (?:an?|large|small|new|acute|tension|displaced|right|left)\b|:/i;

const SCOPE_WORDS = 8;

const phrase = (words: string[]): RegExp =>
  new RegExp(`(?:^|[^\\w])(?:${words.map((word) => word.replace(/[/.]/g, '\\$&').replaceAll(' ', '\\s+')).join('|')})(?![\\w])`, 'i');

const BEFORE_PATTERN = phrase(BEFORE);
const AFTER_PATTERN = phrase(AFTER);
const NOT_A_DENIAL_PATTERN = new RegExp(phrase(NOT_A_DENIAL).source, 'gi');

const lastPart = (text: string): string => text.split(TURN).pop() ?? text;
const firstPart = (text: string): string => text.split(TURN)[0] ?? text;

/** Judge a term of one sentence by the words before and after it. */
export function isNegated(sentence: string, start: number, end: number): boolean {
  const neutral = sentence.replace(NOT_A_DENIAL_PATTERN, (found) => '#'.repeat(found.length));
  const before = lastPart(neutral.slice(0, start)).trim().split(/\s+/).slice(-SCOPE_WORDS).join(' ');
  // A comma begins another finding, of which the denial behind it may speak.
  const after = (firstPart(neutral.slice(end)).split(',')[0] ?? '').trim().split(/\s+/).slice(0, SCOPE_WORDS).join(' ');
  return BEFORE_PATTERN.test(before) || OF_THE_PAST.test(neutral.slice(0, start)) || AFTER_PATTERN.test(after);
}
