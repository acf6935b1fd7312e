/** Results that a person has not opened yet; which those are, the server says. */
import type { ReportSummary } from '../api/types';

/** Names what there is to read: another status or another signature is something new. */
export type NoticeKey = string;

type Told = Pick<ReportSummary, 'id' | 'status' | 'signedAt'>;

export function noticeKey({ id, status, signedAt }: Told): NoticeKey {
  return `${id}/${status}/${status === 'PRELIMINARY' ? '' : (signedAt ?? '')}`;
}

export function newestFirst<Report extends Pick<ReportSummary, 'signedAt' | 'updatedAt'>>(reports: readonly Report[]): Report[] {
  return reports.toSorted((one, other) => ((one.signedAt ?? one.updatedAt) < (other.signedAt ?? other.updatedAt) ? 1 : -1));
}

export function headline(status: ReportSummary['status']): string {
  return { PRELIMINARY: 'Preliminary report', FINAL: 'Report available', AMENDED: 'Report amended' }[status];
}
