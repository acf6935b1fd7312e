/**
 * Which results this person has not opened yet. What was opened is kept in this browser as ids of
 * versions; nothing of a patient is.
 */
import type { ReportSummary } from '../api/types';

/** Names what there is to read: another status or another signature is something new. */
export type NoticeKey = string;

type Told = Pick<ReportSummary, 'id' | 'status' | 'signedAt'>;

export function noticeKey({ id, status, signedAt }: Told): NoticeKey {
  return `${id}/${status}/${status === 'PRELIMINARY' ? '' : (signedAt ?? '')}`;
}

/** Results that are not opened, newest first. */
export function unreadOf<Report extends Told & Pick<ReportSummary, 'updatedAt'>>(reports: readonly Report[], opened: ReadonlySet<NoticeKey>): Report[] {
  return reports.filter((report) => !opened.has(noticeKey(report))).sort((one, other) => (one.signedAt ?? one.updatedAt) < (other.signedAt ?? other.updatedAt) ? 1 : -1);
}

export function headline(status: ReportSummary['status']): string {
  return { PRELIMINARY: 'Preliminary report', FINAL: 'Report available', AMENDED: 'Report amended' }[status];
}
