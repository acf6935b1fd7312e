/** What of a report was raised before its signature, measured as the server measures it. Pure. */
import type { Alert } from '@shared/api/types';
import type { ReportContent } from '@shared/report/content';

export type Said = Pick<ReportContent, 'criticalFindingCode' | 'criticalCategory' | 'criticalFindingsText'>;
type Finding = Alert['finding'];

/** The kind that may be any. */
const OTHER = 'other';

const plain = (text: string): string => text.toLowerCase().split(/\s+/).filter(Boolean).join(' ');

export const saysTheSame = (one: Said, other: Said): boolean =>
  one.criticalFindingCode === other.criticalFindingCode && one.criticalCategory === other.criticalCategory && plain(one.criticalFindingsText) === plain(other.criticalFindingsText);

export const saidIn = ({ findingCode, category, text }: Finding): Said => ({ criticalFindingCode: findingCode, criticalCategory: category, criticalFindingsText: text });

/** Whether other words of this report go to the alert that there is; under `other` they are another finding. */
export const takesNewWords = (finding: Finding, { criticalFindingCode }: Said): boolean => finding.findingCode === criticalFindingCode && finding.findingCode !== OTHER;

/** Whether the report, signed as it stands, leaves this alert in force. */
export const isStillNamed = (finding: Finding, { hasCriticalFindings, criticalFindingCode }: ReportContent): boolean =>
  hasCriticalFindings && (finding.findingCode === criticalFindingCode || [finding.findingCode, criticalFindingCode].includes(OTHER));
