/**
 * The order that is being written, kept in this browser until it is sent: a reload, a crash or an ended
 * session takes nothing. A draft of yesterday is thrown away, since it names a patient.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import { readDraft, removeDraft, writeDraft } from '../drafts/draft-store';
import { usePortal } from '../shell/portal-context';
import type { OrderDraft } from './draft';
import { EMPTY_DRAFT, isUntouched } from './draft';

const PLACE = 'new-order';
const KEPT_MS = 12 * 3_600_000;
const REST_MS = 300;

type Kept = { draft: OrderDraft; key: string; sent: string; encounterId: string };

/** A new order has a new key; so has one that was changed after it was sent, as the server has the other one. */
export function keyFor(kept: Kept, draft: OrderDraft, newKey: () => string): Kept {
  const content = JSON.stringify(draft);
  if (kept.sent === '' || kept.sent === content) return { ...kept, draft, sent: content };
  return { ...kept, draft, sent: content, key: newKey() };
}

const begun = (): Kept => ({ draft: EMPTY_DRAFT, key: crypto.randomUUID(), sent: '', encounterId: crypto.randomUUID() });

export function useOrderDraft() {
  const { id } = usePortal().me;
  const [kept, setKept] = useState<Kept | null>(null);
  const [isRestored, setRestored] = useState(false);
  const latest = useRef<Kept | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  useEffect(() => {
    let isGone = false;
    const take = (found: { content: Kept; savedAt: number } | null) => {
      if (isGone) return;
      const isFresh = found !== null && Date.now() - found.savedAt < KEPT_MS && !isUntouched({ ...EMPTY_DRAFT, ...found.content.draft });
      const first = isFresh ? { ...found.content, draft: { ...EMPTY_DRAFT, ...found.content.draft } } : begun();
      latest.current = first;
      setKept(first);
      setRestored(isFresh);
    };
    // A browser that keeps nothing (a private window) still orders; it only cannot restore.
    readDraft<Kept>(id, PLACE).then(take, () => take(null));
    return () => {
      isGone = true;
    };
  }, [id]);

  const write = useCallback(
    (next: Kept) => {
      latest.current = next;
      setKept(next);
      clearTimeout(timer.current);
      const save = () => writeDraft(id, PLACE, { content: next, base: next, baseVersion: 0, savedAt: Date.now() }).catch(() => undefined);
      timer.current = setTimeout(() => void save(), REST_MS);
    },
    [id],
  );

  const change = useCallback(
    (part: Partial<OrderDraft>) => {
      if (latest.current) write({ ...latest.current, draft: { ...latest.current.draft, ...part } });
    },
    [write],
  );

  /** Fix the key that this content is sent with, before it is sent. */
  const seal = useCallback((): Kept => {
    const next = keyFor(latest.current ?? begun(), latest.current?.draft ?? EMPTY_DRAFT, () => crypto.randomUUID());
    write(next);
    return next;
  }, [write]);

  const clear = useCallback(async () => {
    clearTimeout(timer.current);
    const next = begun();
    latest.current = next;
    setKept(next);
    setRestored(false);
    await removeDraft(id, PLACE).catch(() => undefined);
  }, [id]);

  return { draft: kept?.draft ?? null, isRestored, change, seal, clear };
}
