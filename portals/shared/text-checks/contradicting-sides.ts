/**
 * Finds what one text states on one side only, and another text on the other side only, of one organ where both name one. Pure.
 *
 * What must stay true: what is doubtful is silent. Both sides in one clause, and words that may mean the other side,
 * are both sides; words that may mean the same finding are the same.
 */
import type { Side } from './laterality';
import { withPlainSides } from './laterality';
import { isNegated } from './negation';
import { sentencesOf } from './sentences';

export interface SidedSentence {
  sentence: string;
  start: number;
  word: Side;
}

export interface ContradictingSides extends SidedSentence {
  /** Where the other text says otherwise. */
  other: SidedSentence;
}

/** Words of one row may mean one finding. */
const FINDINGS = [
  'effusions?|ha?emothorax|empyema|hydrothorax|blunt(?:ed|ing)',
  'pneumothora(?:x|ces)',
  'atelecta\\w+|collapse',
  'consolidations?|infiltrat\\w+|opacit\\w+|opacification|densit\\w+|air-?space disease|ground[ -]glass|\\w*pneumonia|infect\\w+|nodul\\w+|mass(?:es)?|lesions?|tumou?rs?|neoplasms?|carcinomas?|malignan\\w+|metast\\w+',
  'cysts?',
  'calcul(?:us|i)|stones?|\\w*lithiasis',
  'hydro(?:uretero)?nephrosis|pelvicalyceal dilatation',
  'fractures?|fractured',
  '(?:sub)?luxations?|dislocat\\w+',
  'tears?|torn|ruptures?|ruptured',
  'ha?emorrhages?|ha?ematomas?|bleeds?|bleeding',
  'infarct\\w*|strokes?|isch\\w+|hypodens\\w+|hypoattenuat\\w+|diffusion',
  'aneurysms?',
  'dissections?',
  'thromb\\w+|dvt|occlusions?|occluded',
  'embol\\w+',
  'stenos\\w+|narrow\\w+',
  'hernias?|herniat\\w+|protrusions?|extrusions?|bulg\\w+',
  'abscess(?:es)?',
  'o?edema',
  '(?:lymph)?adenopathy|nodes?',
  '(?:osteo)?arthritis|\\w*arthrosis|degenerat\\w+|osteophytes?',
].map(wordOf);

const ORGANS = [
  'lungs?|pulmonary|pleural?|hil(?:um|ar)|(?:upper|middle|lower) lobes?|[lr][ul]l|rml|lingula\\w*',
  'kidneys?|renal',
  'ureter\\w*',
  'adrenals?',
  'thyroid',
  'breasts?|axill\\w+',
  'ovar\\w+|adnex\\w+',
  'testi\\w+|scrot\\w+',
  'brain|cerebr\\w+|cerebell\\w+|frontal|temporal|parietal|occipital|thalam\\w+|basal ganglia|mca|aca|pca',
  'carotid|ica',
  'clavic\\w+',
  'ribs?',
  'shoulder|humer\\w+|scapul\\w+|rotator cuff',
  'elbow',
  'wrist|radi(?:us|al)|uln\\w+|forearm|scaphoid',
  'hands?|metacarp\\w+',
  'hips?|fem(?:ur|oral)|acetabul\\w+',
  'knees?|patell\\w+|menisc\\w+|tibial plateau',
  'tibial?(?! plateau)|fibula\\w*|ankles?|malleol\\w+',
  'foot|feet|metatars\\w+|calcane\\w+',
].map(wordOf);

function wordOf(words: string): RegExp {
  return new RegExp(`\\b(?:${words})\\b`, 'gi');
}

const LEFT = /\b(?:left(?:[\s-]sided?)?|l[ul]l|lingula\w*)\b/i;
const RIGHT = /\b(?:right(?:[\s-]sided?)?|r[uml]l|middle lobe)\b/i;
const BOTH = /\b(?:bilateral\w*|both|contralateral|opposite|(?:either|each|other) side|symmetric\w*)\b/i;

const CLAUSES = /,|:|\b(?:and|(?<!\bcompar\w+ )with|but|while|whereas)\b/i;

/** What names a side and no finding may mean the one before: "a smaller one on the right", ", and in the left lower lobe". */
const MEANS_THE_SAME = /\b(?:ones?|another|same|similar\w*|also|too|as well|likewise|smaller|larger)\b/i;
const MEANS_NOTHING = /\b(?:no|none|not|without|clear|normal|unremarkable|intact|compar\w+|shift\w*|deviat\w+)\b/i;

interface Statement {
  /** Which row of the findings; null: any. */
  finding: number | null;
  organs: number[];
  sides: Side[];
  where: Omit<SidedSentence, 'word'>;
}

/** What `text` says otherwise than `known` does, each sentence once. */
export function contradictingSides(known: string, text: string): ContradictingSides[] {
  const [before, now] = [statementsIn(known), statementsIn(text)];
  const found = now.flatMap((one) => {
    const [others, own] = [before, now].map((all) => all.filter((other) => mayMean(one, other)));
    const [word, opposite] = [onlySide(own ?? []), onlySide(others ?? [])];
    const other = others?.find(({ finding }) => finding !== null);
    if (one.finding === null || !other || !word || !opposite || word === opposite) return [];
    return [{ ...one.where, word, other: { ...other.where, word: opposite } }];
  });
  return [...new Map(found.map((one) => [one.start, one])).values()];
}

function mayMean(one: Statement, other: Statement): boolean {
  if (other.finding === null) return true;
  return one.finding === other.finding && (one.organs.length === 0 || other.organs.length === 0 || one.organs.some((organ) => other.organs.includes(organ)));
}

/** The side that all of them have and no other; null where there are two, or none. */
function onlySide(statements: Statement[]): Side | null {
  const sides = new Set(statements.flatMap((statement) => statement.sides));
  return sides.size === 1 ? ([...sides][0] ?? null) : null;
}

/** The findings that a text states with a side; what it denies is none. */
function statementsIn(text: string): Statement[] {
  return sentencesOf(text).flatMap(({ text: sentence, start }) => {
    const plain = withPlainSides(sentence);
    const clauses = clausesOf(plain);
    const mayGoOn = (clause: string) => (clauses.length > 1 || MEANS_THE_SAME.test(clause)) && !MEANS_NOTHING.test(clause);
    return clauses.flatMap(({ text: clause, start: offset }): Statement[] => {
      const sides = sidesIn(clause);
      if (sides.length === 0) return [];
      const common = { organs: rowsIn(clause, ORGANS), sides, where: { sentence, start } };
      const named = FINDINGS.flatMap((words, finding) => [...clause.matchAll(words)].map((match) => ({ finding, start: offset + match.index, end: offset + match.index + match[0].length })));
      if (named.length === 0) return mayGoOn(clause) ? [{ finding: null, ...common }] : [];
      return named.filter((one) => !isNegated(plain, one.start, one.end)).map(({ finding }) => ({ finding, ...common }));
    });
  });
}

/** A sentence with one side and one organ says it of all its findings; any other one, clause by clause. */
function clausesOf(sentence: string): Array<{ text: string; start: number }> {
  if (sidesIn(sentence).length < 2 && rowsIn(sentence, ORGANS).length < 2) return [{ text: sentence, start: 0 }];
  let start = 0;
  return sentence.split(new RegExp(`(${CLAUSES.source})`, 'i')).flatMap((text, index) => {
    const clause = { text, start };
    start += text.length;
    return index % 2 === 0 ? [clause] : [];
  });
}

function sidesIn(text: string): Side[] {
  if (BOTH.test(text)) return ['LEFT', 'RIGHT'];
  return [...(LEFT.test(text) ? (['LEFT'] as const) : []), ...(RIGHT.test(text) ? (['RIGHT'] as const) : [])];
}

function rowsIn(text: string, rows: RegExp[]): number[] {
  return rows.flatMap((words, row) => (text.search(words) >= 0 ? [row] : []));
}
