import { orderQuery } from '@shared/api/orders';
import type { Order } from '@shared/api/types';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';

/**
 * The order that somebody works on. Moved to another day, or behind a filter, by whomever: it stays as it was last known
 * until its present state has come, so that nothing closes under the hand.
 */
export function useSelected(selectedId: string | null, orders: readonly Order[]): Order | undefined {
  const listed = orders.find(({ id }) => id === selectedId);
  const [known, setKnown] = useState<Order>();
  if (listed && listed !== known) setKnown(listed);
  const elsewhere = useQuery({ ...orderQuery(selectedId ?? ''), enabled: selectedId !== null && !listed });
  if (selectedId === null) return undefined;
  const last = known?.id === selectedId ? known : undefined;
  if (listed || !elsewhere.data) return listed ?? last;
  return last && last.version > elsewhere.data.version ? last : elsewhere.data;
}
