import { describe, expect, it } from 'vitest';
import { steadyRows } from './steady';

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
