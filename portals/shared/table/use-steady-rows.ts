import type { LiveMessage } from '@shared/live/live-client';
import { useLiveMessages } from '@shared/live/live';
import type { Snapshot } from '@shared/live/snapshots';
import { isSnapshot, patchPage } from '@shared/live/snapshots';
import { useCallback, useMemo, useState } from 'react';
import { steadyRows } from './steady';

/** `scope` names what is listed; another scope (a changed filter) starts afresh. `isCut`: the server has more. */
export function useSteadyRows<Row>(newest: readonly Row[], scope: string, keyOf: (row: Row) => string, isCut = false) {
  const [held, setHeld] = useState<{ scope: string; rows: readonly Row[] } | null>(null);
  const isHeld = held !== null && held.scope === scope && held.rows.length > 0;
  if (!isHeld && newest.length > 0) setHeld({ scope, rows: newest });
  const shown = isHeld ? held.rows : null;
  const steady = useMemo(() => steadyRows(shown, newest, keyOf, isCut), [shown, newest, keyOf, isCut]);
  // What goes must stand as it was last known, and not as it was when the list was laid out.
  if (isHeld && steady.rows.some((row, index) => row !== held.rows[index])) setHeld({ scope, rows: steady.rows });
  // A list may lose a row before the push says what has become of it.
  const hear = useCallback(({ data }: LiveMessage) => {
    setHeld((known) => {
      if (known === null) return known;
      const rows = withNews(known.rows, data);
      return rows === known.rows ? known : { ...known, rows };
    });
  }, []);
  useLiveMessages(hear);
  const update = () => setHeld({ scope, rows: newest });
  return { ...steady, update };
}

/** The same rows come back when the push is of none of them, or of no newer state. */
function withNews<Row>(rows: readonly Row[], data: unknown): readonly Row[] {
  return isSnapshot(data) ? (patchPage({ items: rows as readonly Snapshot[] }, data).items as readonly Row[]) : rows;
}
