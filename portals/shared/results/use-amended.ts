import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { reportSearchQuery } from '../api/reports';

/** When the reports of one's own orders were amended, by order: an order itself knows its first report only. */
export function useAmended(): ReadonlyMap<string, string> {
  const { data } = useQuery(reportSearchQuery({ mine: true, status: ['AMENDED'], pageSize: 500 }));
  return useMemo(() => new Map(data?.items.map(({ orderId, signedAt, updatedAt }) => [orderId, signedAt ?? updatedAt])), [data]);
}
