/** What the editor warns of before a signature. Pure; each warning names the words that it is about. */
import type { Order } from '@shared/api/types';
import type { ReportContent } from '@shared/report/content';
import type { CriticalTerm } from '@shared/text-checks/critical-terms';
import { byUrgency, statedTerms } from '@shared/text-checks/critical-terms';
import { contradictingSides } from '@shared/text-checks/contradicting-sides';
import { wrongSides } from '@shared/text-checks/laterality';

export interface ReportWarning {
  id: string;
  title: string;
  detail: string;
  /** The finding to flag with one click, when that is what the warning asks for. */
  flag?: string;
  /** It is in the text that the doctor gets first, with the critical finding. */
  isOfAlert?: boolean;
  /** To know, and nothing that a signature has to wait for. */
  isInformation?: boolean;
}

/** The text of each section that is checked, in the words of a warning. */
const CHECKED = { impression: 'the impression says', findings: 'the findings say', criticalFindingsText: 'what the doctor must know says' } as const;

const sectionsOf = ({ hasCriticalFindings }: ReportContent): Array<keyof typeof CHECKED> =>
  hasCriticalFindings ? ['impression', 'findings', 'criticalFindingsText'] : ['impression', 'findings'];

export function warningsOf(content: ReportContent, order: Pick<Order, 'laterality'>, catalogue: readonly CriticalTerm[]): ReportWarning[] {
  const ofOrder = otherSide(content, order);
  return [...otherFindings(content, catalogue), ...ofOrder, ...twoSides(content).filter(({ detail }) => !ofOrder.some((one) => detail.includes(one.detail)))];
}

/** How many there are, as `2 warnings, 1 note`. */
export function countInWords(warnings: readonly ReportWarning[]): string {
  const notes = warnings.filter(({ isInformation }) => isInformation).length;
  const counted = (count: number, word: string) => (count === 0 ? [] : [`${count} ${word}${count === 1 ? '' : 's'}`]);
  return [...counted(warnings.length - notes, 'warning'), ...counted(notes, 'note')].join(', ');
}

/** Critical findings that the text states beside the one that is marked, if any: the most urgent first, each once. */
function otherFindings(content: ReportContent, catalogue: readonly CriticalTerm[]): ReportWarning[] {
  const { hasCriticalFindings, criticalFindingCode, criticalCategory } = content;
  const stated = sectionsOf(content).flatMap((section) => statedTerms(content[section], catalogue));
  const once = [...new Map(stated.toReversed().map((found) => [found.term.code, found])).values()].toReversed();
  return once
    .filter(({ term }) => !hasCriticalFindings || term.code !== criticalFindingCode)
    .sort((one, other) => byUrgency(one.term, other.term))
    .map(({ term, sentence }) => {
      const warning = { id: `critical-${term.code}`, detail: `“${sentence}”` };
      if (!hasCriticalFindings) return { ...warning, title: `${term.title}: not marked as critical`, flag: term.code };
      if (criticalCategory && byUrgency(term, { category: criticalCategory }) < 0) return { ...warning, title: `${term.title}: more urgent than what is marked`, flag: term.code };
      return { ...warning, title: `${term.title}: stated as well`, isInformation: true };
    });
}

function otherSide(content: ReportContent, { laterality }: Pick<Order, 'laterality'>): ReportWarning[] {
  if (laterality !== 'LEFT' && laterality !== 'RIGHT') return [];
  return sectionsOf(content).flatMap((section) =>
    wrongSides(content[section], laterality).map(({ sentence, start, word }) => ({
      id: `side-${section}-${start}`,
      title: `The exam is of the ${laterality.toLowerCase()} side, ${CHECKED[section]} ${word.toLowerCase()}`,
      detail: `“${sentence}”`,
      isOfAlert: section === 'criticalFindingsText',
    })),
  );
}

/** A finding that the findings have on one side only, and another section on the other only; where the order tells which is wrong, it does. */
function twoSides(content: ReportContent): ReportWarning[] {
  return sectionsOf(content)
    .filter((section) => section !== 'findings')
    .flatMap((section) =>
      contradictingSides(content.findings, content[section]).map(({ sentence, start, word, other }) => ({
        id: `sides-${section}-${start}`,
        title: `${capitalised(CHECKED[section])} ${word.toLowerCase()}, ${CHECKED.findings} ${other.word.toLowerCase()}`,
        detail: `“${sentence}” – “${other.sentence}”`,
        isOfAlert: section === 'criticalFindingsText',
      })),
    );
}

const capitalised = (words: string): string => words.charAt(0).toUpperCase() + words.slice(1);
