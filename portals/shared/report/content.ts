/** The sections of a report as the editor holds them. Pure. */
import type { CriticalCategory, CriticalFindingKind, Report, ReportTemplate } from '../api/types';

export interface ReportContent {
  technique: string;
  comparison: string;
  findings: string;
  impression: string;
  templateId: string;
  checklist: Record<string, boolean>;
  hasCriticalFindings: boolean;
  criticalFindingCode: string;
  criticalCategory: CriticalCategory | null;
  criticalFindingsText: string;
  [section: string]: unknown;
}

export type TextSection = 'technique' | 'comparison' | 'findings' | 'impression';

export const TEXT_SECTIONS: ReadonlyArray<{ id: TextSection; label: string; placeholder: string; rows: number; required: boolean }> = [
  { id: 'technique', label: 'Technique', placeholder: 'How the exam was done', rows: 2, required: false },
  { id: 'comparison', label: 'Comparison', placeholder: 'Prior studies that you compared with', rows: 1, required: false },
  { id: 'findings', label: 'Findings', placeholder: 'What you see, by region or system', rows: 8, required: true },
  { id: 'impression', label: 'Impression', placeholder: 'What it means for the patient', rows: 3, required: true },
];

export const SECTION_LABELS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(TEXT_SECTIONS.map(({ id, label }) => [id, label])),
  templateId: 'Template',
  checklist: 'Checklist',
  hasCriticalFindings: 'Critical finding',
  criticalFindingCode: 'Kind of critical finding',
  criticalCategory: 'Urgency of the critical finding',
  criticalFindingsText: 'What the doctor must know',
};

type Compared = Pick<ReportContent, TextSection | 'hasCriticalFindings' | 'criticalFindingCode' | 'criticalCategory' | 'criticalFindingsText'>;

/** What a difference between two versions shows: the texts, and what a doctor was told first. */
export const COMPARED: ReadonlyArray<{ id: string; label: string; wordsOf: (content: Compared) => string }> = [
  ...TEXT_SECTIONS.map(({ id, label }) => ({ id, label, wordsOf: (content: Compared) => content[id] })),
  { id: 'critical', label: 'Critical finding', wordsOf: criticalWords },
];

function criticalWords({ hasCriticalFindings, criticalFindingCode, criticalCategory, criticalFindingsText }: Compared): string {
  return hasCriticalFindings ? `${criticalFindingCode.replaceAll('_', ' ')} (${criticalCategory?.toLowerCase() ?? 'no urgency'}): ${criticalFindingsText}` : '';
}

/** Whether a section is free text, and not a choice. */
export const isWritten = (section: keyof ReportContent): boolean => section === 'criticalFindingsText' || TEXT_SECTIONS.some(({ id }) => id === section);

/** Any section's value as a person reads it; what is chosen from a list, by the list's own words. */
export function sectionInWords(section: keyof ReportContent, value: unknown, templates: readonly ReportTemplate[], kinds: readonly CriticalFindingKind[]): string {
  if (section === 'checklist') return ticksInWords(value, templates);
  if (section === 'hasCriticalFindings') return value ? 'There is one' : 'There is none';
  if (section === 'criticalCategory') return typeof value === 'string' ? value.toLowerCase() : 'none';
  if (typeof value !== 'string' || value === '') return 'nothing';
  if (section === 'templateId') return templates.find(({ id }) => id === value)?.title ?? value;
  if (section === 'criticalFindingCode') return kinds.find(({ code }) => code === value)?.title ?? value;
  return value;
}

function ticksInWords(value: unknown, templates: readonly ReportTemplate[]): string {
  const labels = new Map(templates.flatMap(({ checklist }) => checklist.map(({ id, label }) => [id, label] as const)));
  const ticked = Object.entries(Object(value)).filter(([, isTicked]) => isTicked);
  return ticked.length > 0 ? `Looked at: ${ticked.map(([id]) => labels.get(id) ?? id).join(', ')}` : 'Nothing looked at';
}

export const EMPTY_REPORT: ReportContent = {
  technique: '',
  comparison: '',
  findings: '',
  impression: '',
  templateId: '',
  checklist: {},
  hasCriticalFindings: false,
  criticalFindingCode: '',
  criticalCategory: null,
  criticalFindingsText: '',
};

type ContentSource = Pick<Report, 'technique' | 'comparison' | 'findings' | 'impression' | 'templateId' | 'checklist' | 'hasCriticalFindings' | 'criticalFindingCode' | 'criticalCategory' | 'criticalFindingsText'>;

export function contentOf(source: ContentSource): ReportContent {
  return {
    technique: source.technique,
    comparison: source.comparison,
    findings: source.findings,
    impression: source.impression,
    templateId: source.templateId,
    checklist: source.checklist,
    hasCriticalFindings: source.hasCriticalFindings,
    criticalFindingCode: source.criticalFindingCode,
    criticalCategory: source.criticalCategory,
    criticalFindingsText: source.criticalFindingsText,
  };
}

/** The headings of a template's findings, each to be filled. */
function findingsText(template: ReportTemplate): string {
  return template.findings.map(({ heading }) => `${heading}:`).join('\n');
}

const textOf = (template: ReportTemplate, section: TextSection): string => (section === 'findings' ? findingsText(template) : template[section]);

/** Write the normal text of one heading behind it; what is there already stays. */
export function withNormal(findings: string, heading: string, normal: string): string {
  const lines = findings.split('\n');
  const index = lines.findIndex((line) => line.trim() === `${heading}:`);
  return index >= 0 ? lines.with(index, `${heading}: ${normal}`).join('\n') : withLine(findings, `${heading}: ${normal}`);
}

/** Fill empty sections from a template; what somebody wrote is never overwritten. */
export function withTemplate(content: ReportContent, template: ReportTemplate, earlier?: ReportTemplate): ReportContent {
  const fill = (section: TextSection): string => {
    const isUntouched = content[section].trim() === '' || (earlier !== undefined && content[section] === textOf(earlier, section));
    return isUntouched ? textOf(template, section) : content[section];
  };
  return {
    ...content,
    templateId: template.id,
    technique: fill('technique'),
    comparison: fill('comparison'),
    findings: fill('findings'),
    impression: fill('impression'),
    checklist: Object.fromEntries(template.checklist.map(({ id }) => [id, content.checklist[id] ?? false])),
  };
}

/** Put words at the end of a section, on a line of their own. */
export function withLine(text: string, line: string): string {
  return text.trim() === '' ? line : `${text.trimEnd()}\n${line}`;
}

/** What still stands between a draft and a signature, as sentences. */
export function missingToSign(content: ReportContent): string[] {
  return [
    content.findings.trim() === '' ? 'Findings are empty.' : '',
    content.impression.trim() === '' ? 'The impression is empty.' : '',
    content.hasCriticalFindings && content.criticalFindingsText.trim() === '' ? 'The critical finding is not described.' : '',
    content.hasCriticalFindings && content.criticalFindingCode === '' ? 'The kind of critical finding is not chosen.' : '',
  ].filter(Boolean);
}

export function withCriticalKind(content: ReportContent, kind: CriticalFindingKind): ReportContent {
  return { ...content, hasCriticalFindings: true, criticalFindingCode: kind.code, criticalCategory: kind.category };
}
