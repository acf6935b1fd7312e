import { expect, it } from 'vitest';
import { readOrdersSearch } from './orders-search';

it('keeps a part that exists', () => {
  expect(readOrdersSearch({ show: 'results' })).toEqual({ show: 'results' });
});

it('ignores what it does not know', () => {
  expect([readOrdersSearch({ show: 'toString' }), readOrdersSearch({ patient: 'Doe' }), readOrdersSearch({ show: 'all' })]).toEqual([{}, {}, {}]);
});
