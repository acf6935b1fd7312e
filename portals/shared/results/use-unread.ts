import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { reportSearchQuery } from '../api/reports';
import type { ReportSummary } from '../api/types';
import { useClock } from '../shell/portal-context';
import { useNow } from '../time/use-now';
import { newestFirst } from './unread';

const DAYS = 30;

/** Results of one's own orders of the last month that one has not opened, on any device. */
export function useUnread(): { unread: ReportSummary[]; isLoaded: boolean } {
  const clock = useClock();
  const query = useQuery(reportSearchQuery({ mine: true, unread: true, pageSize: 100 }));
  const since = clock.day(new Date(useNow() - DAYS * 86_400_000));
  const unread = useMemo(() => newestFirst((query.data?.items ?? []).filter(({ updatedAt }) => clock.day(updatedAt) >= since)), [query.data, clock, since]);
  return { unread, isLoaded: query.isSuccess };
}
