import { describe, expect, it } from 'vitest';
import { overtaking, steadyRows, summaryOf } from './steady';

const row = (id: string, text = '') => ({ id, text });
const keyOf = (one: { id: string }) => one.id;

describe('a list that is being read', () => {
  it('shows the first list as it comes', () => {
    expect(steadyRows(null, [row('a'), row('b')], keyOf).rows).toEqual([row('a'), row('b')]);
  });

  it('keeps its order when the server has another', () => {
    expect(steadyRows([row('a'), row('b')], [row('b'), row('a')], keyOf).rows.map(keyOf)).toEqual(['a', 'b']);
  });

  it('shows the newest state of a row in place', () => {
    expect(steadyRows([row('a', 'old')], [row('a', 'new')], keyOf).rows).toEqual([row('a', 'new')]);
  });

  it('counts what came and what went instead of moving', () => {
    expect(steadyRows([row('a'), row('b')], [row('c'), row('a')], keyOf)).toMatchObject({ rows: [row('a'), row('b')], arrived: [row('c')], gone: [row('b')] });
  });

  it('says of no row that it is gone when it may stand behind the cut', () => {
    expect(steadyRows([row('a'), row('b')], [row('c'), row('a')], keyOf, true)).toMatchObject({ rows: [row('a'), row('b')], arrived: [row('c')], gone: [] });
  });
});

describe('a row that stands below one that it would stand above if the list were laid out anew', () => {
  const [a, b, c, d] = [row('a'), row('b'), row('c'), row('d')];

  it.each([
    ['none, while the order holds', [a, b, c], [a, b, c], []],
    ['one that would go to the top', [a, b, c], [c, a, b], ['c']],
    ['two, in the order in which they stand', [a, b, c, d], [d, b, a, c], ['b', 'd']],
    ['none, where a row only came or went', [a, b], [c, b], []],
  ])('%s', (_, shown, newest, keys) => {
    expect(overtaking(shown, newest, keyOf).map(keyOf)).toEqual(keys);
  });
});

describe('the head of a list', () => {
  it('tells how many are shown, also while others wait to be', () => {
    expect(summaryOf({ shown: 1, listed: 2, total: 2 }, ['case', 'cases'])).toBe('1 case');
  });

  it('of a list that is cut tells of how many', () => {
    expect(summaryOf({ shown: 500, listed: 500, total: 731 }, ['case', 'cases'])).toBe('The first 500 of 731');
  });
});
