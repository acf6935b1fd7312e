/** How a report speaks of an earlier study. Pure. */
import type { PriorStudySummary, Report } from '@shared/api/types';
import type { ReportContent, TextSection } from '@shared/report/content';
import { withLine } from '@shared/report/content';
import { calendarDate } from '@shared/viewer/study-listing';

type Named = Pick<PriorStudySummary, 'studyDescription' | 'modality' | 'bodyPart' | 'studyDate'>;

/** `CT Thorax, 3 Sep 2025`: as a comparison names a study. */
export function nameOf(prior: Named): string {
  const what = prior.studyDescription || `${prior.modality} ${prior.bodyPart}`.trim();
  return prior.studyDate ? `${what}, ${calendarDate(prior.studyDate)}` : what;
}

/** The draft's comparison with the study named in it, once. */
export function comparedWith(content: Pick<ReportContent, 'comparison'>, prior: Named): Pick<ReportContent, 'comparison'> {
  const name = nameOf(prior);
  return { comparison: content.comparison.includes(name) ? content.comparison : withLine(content.comparison, `${name}.`) };
}

/** What can be taken from a prior's report, and where it goes: its impression is what one compares with. */
export const TAKEN: ReadonlyArray<{ from: TextSection; into: TextSection; label: string }> = [
  { from: 'technique', into: 'technique', label: 'Its technique into mine' },
  { from: 'findings', into: 'findings', label: 'Its findings into mine' },
  { from: 'impression', into: 'comparison', label: 'Its impression into my comparison' },
];

/** A section of the draft with the words of a prior's report, and whose they are: they must not pass for words of today. */
export function quoting(content: ReportContent, prior: Named, report: Pick<Report, TextSection | 'status'>, { from, into }: { from: TextSection; into: TextSection }): Partial<ReportContent> {
  const name = report.status === 'PRELIMINARY' ? `${nameOf(prior)}, preliminary` : nameOf(prior);
  return { [into]: withLine(content[into], `${name}: ${report[from].trim()}`) };
}
