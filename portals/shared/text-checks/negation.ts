/**
 * Whether a term is denied where it stands: the NegEx idea (Chapman 2001), with triggers before and after
 * the term and a scope that ends at a turn of the sentence. When in doubt a term counts as stated: a
 * warning too many costs a glance, one too few costs a patient.
 */
const BEFORE = phrase([
  'no', 'without', 'w/o', 'never', 'none', 'neither', 'nor', 'denies', 'absent', 'absence of', 'free of', 'clear of', 'negative for',
  'not (?:show|demonstrate|reveal|have|contain|suggest|see|identify)', 'rather than', 'instead of', 'rule out', 'r/o', 'ruled out for', 'excludes', 'excluded', 'to exclude',
  'resolution of', 'resolved', 'unremarkable for', '(?:to|please) (?:evaluate|assess|look|check|monitor|screen) for', 'risk (?:of|for)', 'clinical (?:suspicion|question) of',
]);

/** The verb that is denied is another one's, where a comma stands between. */
const NOT = /(?<!\w)not\b[^,]*$/i;

/** A condition names what may come; a doubt names what may be there. */
const IF = /(?<!\b(?:unclear|uncertain|unsure|questionable|as)\s)\bif\b[^,]*$/i;

/** Of the past is what stands directly behind: "compared to the previous study the pneumothorax" is of today. */
const KIND = '(?:(?:left|right|bilateral|remote|old|prior|previous|large|small|known|recurrent|provoked|unprovoked)\\s+)*';
const EXAM = '(?:ct|cta|mri?|x-?rays?|radiographs?|films?|ultrasound|stud(?:y|ies)|exams?|examinations?|scans?|imaging|images?)';
const PAST = new RegExp(
  `(?:^|[^\\w])(?:history (?:of|significant for|notable for|positive for)|h/o|hx of|status post|s/p|(?<!\\byears?[\\s-])old|remote|treated|healed)\\s+${KIND}(?:(?!${EXAM}\\b)[^\\s,:]+\\s+)?$`,
  'i',
);
const PREVIOUS = new RegExp(`(?:^|[^\\w])(?:previous|prior)\\s+${KIND}(?:(?!${EXAM}\\b)[^\\s,:]+\\s+)?$`, 'i');
const OPERATED =
  /(?:^|[^\w])(?:status post|s\/p|after|following|prior|previous)\s+(?:[\w-]+\s+){0,2}(?:repair|evacuation|drainage|resection|thrombectomy|treatment|coiling|clipping|fixation|emboli[sz]ation|surgery)\s+(?:of|for)\s+(?:[\w-]+\s+){0,3}$/i;

/** How a previous finding is now: with this it is one of today. */
const TODAY = /\b(?:increas|decreas|enlarg|progress|worse|larger|bigger|smaller|grow|expand|extend|recur|re-?accumul|persist|remain|unchanged|stable|still|new\b|now\b|again\b|more\b)/i;

/** Whose question or story stands behind such a heading, not what the images show. */
const ASKED = /(?:^|[^\w])(?:history|indication|clinical (?:information|question|data|details)|reason for (?:the )?(?:exam|examination|study)|question|differential|protocol)\s*:/i;

const AFTER = phrase([
  '(?:is|are|was|were) absent', '(?:not|no longer) (?:currently )?(?:seen|identified|present|demonstrated|evident|visuali[sz]ed|visible|detected|apparent|found|shown)',
  '(?:is|are|was|were|been) excluded', 'ruled out', 'resolved', 'unlikely', 'negative', 'denied',
]);

/** A heading with its answer, of one finding or of several: "Pneumothorax/effusion: none." Nothing behind it states nothing. */
const HEADING = /^(?:\s*[/,]\s*[\w -]+|\s+(?:and|or|&)\s+[\w -]+)*(?:\s*:\s*(?:$|(?:none|nil|no|not|negative|neg|absent|without|n\/a|0 mm)(?!\w))|\s+[–-]\s+(?:none|nil|no|negative|absent)(?!\w))/i;

/** "Subdural hematoma, now resolved." */
const RESOLVED = /^,\s*(?:(?:now|since|meanwhile|which|that|has|have|completely|fully)\s+)*resolved\b/i;

/** What is told of the term on the way to the verb: "the pneumothorax, which was seen on 3 March, has resolved". */
const ASIDE = /^,\s*(?:which|that|as|seen|noted|described|demonstrated|previously)\b[^,]*,|^\s*\([^)]*\)/i;

const EARLIER = '(?:prior|previous|previously|earlier|comparison|preceding|last|outside|initial|baseline|old|yesterday|(?:of|from|dated)\\s+\\d+)';
const NOW = '(?:current|present|today|this|both|either)';

/** Words that look like a denial and are none. */
const NOT_A_DENIAL = new RegExp(
  [
    // What was not there earlier is new.
    `(?:not|no longer)(?:\\s+[\\w-]+){0,3}?\\s+(?:on|in|at|from|during|by)(?:\\s+(?!${NOW})[\\w-]+){0,3}?\\s+${EARLIER}\\b(?!(?:\\s+[\\w-]+)?\\s+(?:or|and|nor)\\s+(?:(?:on|in|the)\\s+)*${NOW})`,
    `(?:(?:is|are|was|were)\\s+)?absent\\s+(?:on|in|at|from)\\s+(?:the\\s+|any\\s+)?${EARLIER}`,
    'not\\s+(?:been\\s+)?(?:previously|formerly|yet|earlier)(?:\\s+been)?',
    `not(?:\\s+[\\w-]+){1,2}\\s+(?:previously|before|earlier)`,
    // What cannot be excluded may be there.
    '(?:can ?not|can[’\']t|could not|couldn[’\']t|does not|do not|did not|not)(?:\\s+(?!only\\b)[\\w-]+){0,3}?\\s+(?:exclude|excluded|rule out|ruled out)',
    '(?:impossible|not possible|difficult|hard|unable|insufficient|inadequate|limited|not sufficient|not able)\\s+(?:[\\w-]+\\s+)?to\\s+(?:[\\w-]+\\s+)?(?:exclude|rule out)',
    // What does not change stays.
    '(?:no|without)(?:\\s+[\\w-]+){0,3}?\\s+(?:change|increase|decrease|improvement|progression|enlargement|reduction|resolution)\\s+(?:in|of)',
    '(?<=:\\s*)no(?:\\s+[\\w-]+){0,2}?\\s+change',
    'not(?:\\s+(?:yet|been|fully|completely|entirely|significantly|substantially|appreciably|much)){0,2}\\s+(?:changed|increased|decreased|improved|resolved|enlarged)',
    '(?:nearly|almost|partially|partly|incompletely|largely|mostly)(?:\\s+completely)?\\s+resolved',
    'not only', 'no doubt', 'no other(?=(?:\\s+[\\w-]+){1,3}\\s+than\\b)', 'not unlikely', 'never[\\s-]smok\\w+', 'no (?:prior|previous|comparison|recent)(?=\\s+(?:\\w+\\s+)?(?:available|for comparison|stud|exam|imaging|images|ct|mri|radiograph|film))',
  ]
    .map((words) => `(?<!\\w)(?:${words})(?!\\w)`)
    .join('|'),
  'gi',
);

/** A finding of its own begins behind the comma, unless an "or" behind it makes it one of a list. */
const NEXT_OF_LIST = '(?!(?:\\s+(?!with\\b|without\\b|causing\\b|in\\b|on\\b|at\\b|of\\b|the\\b)[\\w/-]+,?){0,8}\\s+n?or\\b)';

/** Where one statement of a sentence ends and the next begins. */
const TURN = new RegExp(
  [
    '\\b(?:but|however|although|though|except|aside from|apart from|other than|yet|nevertheless|whereas|while|now|with (?:new|acute|a|an)|which|due to|secondary to|because of)\\b',
    '\\b(?:there (?:is|are)|and (?:an?|the|there))\\b',
    '(?<!\\bnot\\s+)\\b(?:demonstrates?|shows?|reveals?)\\b',
    '(?<!\\b(?:no|without)\\s+(?:[\\w/-]+\\s+){0,6})\\b(?:consistent with|suspicious for|concerning for|compatible with)\\b',
    `, (?:an?|large|small|new|acute|tension|displaced|right|left)\\b${NEXT_OF_LIST}`,
    ':',
  ].join('|'),
  'i',
);

/** A verb ends what is denied before it: "no effusion is seen, pneumothorax on the right". */
const SEEN = /\b(?:is|are|was|were) (?:seen|identified|noted|present|evident|demonstrated|visible)\b/i;

/** Long enough for a list of all that is not there, as reports begin with one. */
const SCOPE_WORDS = 16;

function phrase(words: string[]): RegExp {
  return new RegExp(`(?:^|[^\\w])(?:${words.map((word) => word.replaceAll(' ', '\\s+')).join('|')})(?![\\w])`, 'i');
}

const lastPart = (text: string, turn: RegExp): string => text.split(turn).pop() ?? text;
const firstPart = (text: string): string => text.split(TURN)[0] ?? text;

/** Judge a term of one sentence by the words before and after it. */
export function isNegated(sentence: string, start: number, end: number): boolean {
  const neutral = sentence.replace(NOT_A_DENIAL, (found) => '#'.repeat(found.length));
  const [left, right] = [neutral.slice(0, start), neutral.slice(end).replace(/[.!?\s]+$/, '')];
  const before = lastPart(lastPart(left, TURN), SEEN).trim().split(/\s+/).slice(-SCOPE_WORDS).join(' ');
  // A comma begins another finding, of which the denial behind it may speak.
  const after = (firstPart(right.replace(ASIDE, '')).split(',')[0] ?? '').trim().split(/\s+/).slice(0, SCOPE_WORDS).join(' ');
  const isPast = PAST.test(left) || OPERATED.test(left) || (PREVIOUS.test(left) && !TODAY.test(neutral));
  return isPast || BEFORE.test(before) || NOT.test(before) || IF.test(left) || ASKED.test(left) || HEADING.test(right) || RESOLVED.test(right) || AFTER.test(after);
}
