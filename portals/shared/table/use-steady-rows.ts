import { useMemo, useState } from 'react';
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
  const update = () => setHeld({ scope, rows: newest });
  return { ...steady, update };
}
