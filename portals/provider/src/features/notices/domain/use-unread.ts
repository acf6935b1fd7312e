import { reportSearchQuery } from '@shared/api/reports';
import type { ReportSummary } from '@shared/api/types';
import { unreadOf } from '@shared/results/unread';
import { useOpened } from '@shared/results/use-opened';
import { useClock } from '@shared/shell/portal-context';
import { useNow } from '@shared/time/use-now';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';

const DAYS = 30;

/** Results of one's own orders of the last month that were not opened in this browser. */
export function useUnread(): { unread: ReportSummary[]; isLoaded: boolean } {
  const clock = useClock();
  const { keys } = useOpened();
  const query = useQuery(reportSearchQuery({ mine: true, pageSize: 100 }));
  const since = clock.day(new Date(useNow() - DAYS * 86_400_000));
  const unread = useMemo(() => unreadOf((query.data?.items ?? []).filter(({ updatedAt }) => clock.day(updatedAt) >= since), keys), [query.data, keys, clock, since]);
  return { unread, isLoaded: query.isSuccess };
}
