/** What the address says of the list of orders: which part of it. Whom one looks for never stands there. */
import type { OrderStatus } from '@shared/api/types';

export type Part = 'open' | 'results' | 'cancelled' | 'all';

export interface OrdersSearch {
  show?: Part;
}

export const PARTS: Record<Part, { label: string; status: OrderStatus[] }> = {
  open: { label: 'Open', status: ['SCHEDULED', 'IN_PROGRESS', 'IMAGES_AVAILABLE', 'PRELIMINARY_REPORT'] },
  results: { label: 'Results', status: ['PRELIMINARY_REPORT', 'FINAL_REPORT'] },
  cancelled: { label: 'Cancelled', status: ['CANCELLED'] },
  all: { label: 'All', status: [] },
};

export function readOrdersSearch(search: Record<string, unknown>): OrdersSearch {
  return typeof search.show === 'string' && Object.hasOwn(PARTS, search.show) && search.show !== 'all' ? { show: search.show as Part } : {};
}
