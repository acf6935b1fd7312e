/**
 * Keeps a list still under the reader's eyes. Known rows show their newest state where they stand; rows
 * that came or went are counted and wait until the reader asks for them, and what changed place waits with them.
 */
export interface Steady<Row> {
  rows: Row[];
  arrived: Row[];
  /** Rows that are no longer listed, as they were last known. */
  gone: Row[];
}

/**
 * Lay the newest rows over the order that is shown. `shown` is null before the first list. Of a list that is cut
 * (`isCut`: the server has more rows than it listed) nothing is said to be gone: it may stand behind the cut.
 */
export function steadyRows<Row>(shown: readonly Row[] | null, newest: readonly Row[], keyOf: (row: Row) => string, isCut = false): Steady<Row> {
  if (shown === null || shown.length === 0) return { rows: [...newest], arrived: [], gone: [] };
  const byKey = new Map(newest.map((row) => [keyOf(row), row]));
  const known = new Set(shown.map(keyOf));
  return {
    rows: shown.map((row) => byKey.get(keyOf(row)) ?? row),
    arrived: newest.filter((row) => !known.has(keyOf(row))),
    gone: isCut ? [] : shown.filter((row) => !byKey.has(keyOf(row))),
  };
}

/** Known rows that stand below one that they would stand above if the list were laid out anew. */
export function overtaking<Row>(shown: readonly Row[], newest: readonly Row[], keyOf: (row: Row) => string): Row[] {
  const places = new Map(newest.map((row, place) => [keyOf(row), place]));
  let lowest = -1;
  return shown.filter((row) => {
    const place = places.get(keyOf(row)) ?? lowest;
    const overtakes = place < lowest;
    lowest = Math.max(lowest, place);
    return overtakes;
  });
}

/**
 * How much is shown. A list that is cut (the server has more than it listed) says so: what stands behind the cut is
 * found by a filter only. What has arrived since is no cut.
 */
export function summaryOf({ shown, listed, total }: { shown: number; listed: number; total: number }, [one, several]: readonly [string, string]): string {
  return total > listed ? `The first ${shown} of ${total}` : `${shown} ${shown === 1 ? one : several}`;
}
