import { expect, it } from 'vitest';
import { readOrdersSearch, unreadFirst } from './orders-search';

it('keeps a part that exists', () => {
  expect(readOrdersSearch({ show: 'results' })).toEqual({ show: 'results' });
});

it('ignores what it does not know', () => {
  expect([readOrdersSearch({ show: 'toString' }), readOrdersSearch({ patient: 'Doe' }), readOrdersSearch({ show: 'all' })]).toEqual([{}, {}, {}]);
});

it('lists results that were not opened first, and what was cancelled last', () => {
  const orders = [
    { id: 'cancelled', status: 'CANCELLED' as const },
    { id: 'scheduled', status: 'SCHEDULED' as const },
    { id: 'read', status: 'FINAL_REPORT' as const },
    { id: 'unread', status: 'FINAL_REPORT' as const },
  ];

  expect(unreadFirst(orders, new Set(['unread'])).map(({ id }) => id)).toEqual(['unread', 'scheduled', 'read', 'cancelled']);
});
