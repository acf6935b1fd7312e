import { describe, expect, it } from 'vitest';
import { columnsWithin } from './data-table';

const columns = [
  { id: 'patient', width: 'minmax(200px, 2fr)' },
  { id: 'indication', width: '100px', secondary: true },
  { id: 'ready', width: '50px', secondary: true },
  { id: 'reader', width: '100px' },
];
const shownAt = (width: number) => columnsWithin(columns, width).map(({ id }) => id);

describe('the columns of a table', () => {
  it('are all there when there is room', () => {
    expect(shownAt(504)).toEqual(['patient', 'indication', 'ready', 'reader']);
  });

  it('give way from the right, those that one can do without', () => {
    expect(shownAt(503)).toEqual(['patient', 'indication', 'reader']);
    expect(shownAt(443)).toEqual(['patient', 'reader']);
  });

  it('stay when one cannot do without them', () => {
    expect(shownAt(100)).toEqual(['patient', 'reader']);
  });
});
