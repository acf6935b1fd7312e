import { alertsOfOrderQuery } from '@shared/api/alerts';
import type { Alert } from '@shared/api/types';
import { contentOf } from '@shared/report/content';
import { useMay } from '@shared/shell/portal-context';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Said } from './raised';
import { saidIn, saysTheSame, takesNewWords } from './raised';
import type { ReportDraft } from './use-report-draft';

export interface Raised {
  /** Those in force: what a signed version withdrew is over. */
  alerts: Alert[];
  /** Something was raised of which no alert shows yet how it stands: why, in words. */
  unknown: '' | 'loading' | 'no right' | 'failed' | 'on its way';
  /** The doctor has the words that stand here, or they are on their way. */
  isTold: boolean;
  /** Raised again, these words go to the alert that there is. */
  isChange: boolean;
  /** The words that stand here have just been raised. */
  noteRaised: () => void;
  loadAgain: () => void;
}

/** What was raised of this report, by whomever, and whether its words are still those of the draft. */
export function useRaised({ content, report }: ReportDraft, orderId: string): Raised {
  const may = useMay();
  const ids = report?.criticalAlertIds ?? [];
  const query = useQuery({ ...alertsOfOrderQuery(orderId), enabled: ids.length > 0 && may('alert.read') });
  const known = query.data?.items ?? [];
  const alerts = known.filter(({ finding }) => !finding.withdrawn);
  const newest = Math.max(0, ...known.map(({ finding }) => finding.reportVersion));
  // The alert follows some moments after the answer to the save: till then these words count as told.
  const [sent, setSent] = useState<{ said: Said; newest: number } | null>(null);
  const isSent = sent?.newest === newest && saysTheSame(sent.said, content);
  const isAwaited = query.isSuccess && ids.some((id) => !known.some((alert) => alert.id === id));
  const isSaved = report !== null && saysTheSame(contentOf(report), content);
  const isShown = alerts.some(({ finding }) => saysTheSame(saidIn(finding), content));

  const unknown = (): Raised['unknown'] => {
    if (isAwaited || (isSent && !isShown)) return 'on its way';
    if (ids.length === 0 || query.data) return '';
    if (!may('alert.read')) return 'no right';
    return query.isError ? 'failed' : 'loading';
  };
  return {
    alerts,
    unknown: unknown(),
    isTold: isShown || isSent || (isAwaited && isSaved),
    isChange: alerts.some(({ finding }) => takesNewWords(finding, content)),
    noteRaised: () => setSent({ said: content, newest }),
    loadAgain: () => void query.refetch(),
  };
}
