/**
 * The order that is being written, kept in this browser until it is sent: a reload, a crash or an ended
 * session takes nothing. Each tab writes its own order; one that a closed tab has left comes to the next form that is
 * opened. A draft of yesterday is thrown away, since it names a patient.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import { DraftTab } from '../drafts/draft-tab';
import { isFreshOrder, NEW_ORDER } from '../drafts/kept';
import type { LocalDraft } from '../drafts/merge';
import { usePortal } from '../shell/portal-context';
import type { OrderDraft } from './draft';
import { EMPTY_DRAFT, isUntouched } from './draft';

const REST_MS = 300;

type Kept = { draft: OrderDraft; key: string; sent: string; encounterId: string };

/** A new order has a new key; so has one that was changed after it was sent, as the server has the other one. */
export function keyFor(kept: Kept, draft: OrderDraft, newKey: () => string): Kept {
  const content = JSON.stringify(draft);
  if (kept.sent === '' || kept.sent === content) return { ...kept, draft, sent: content };
  return { ...kept, draft, sent: content, key: newKey() };
}

const begun = (): Kept => ({ draft: EMPTY_DRAFT, key: crypto.randomUUID(), sent: '', encounterId: crypto.randomUUID() });

/** An order that a tab has left behind, if there is something in it and it is of today. A newer form may ask more. */
function leftOrder({ content, savedAt }: LocalDraft<Kept>): Kept | null {
  const draft = { ...EMPTY_DRAFT, ...content.draft };
  return isUntouched(draft) || !isFreshOrder(savedAt, Date.now()) ? null : { ...content, draft };
}

export function useOrderDraft() {
  const { id } = usePortal().me;
  const [kept, setKept] = useState<Kept | null>(null);
  const [isRestored, setRestored] = useState(false);
  const latest = useRef<Kept | null>(null);
  const tab = useRef<DraftTab<Kept> | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);

  const show = useCallback((next: Kept) => {
    latest.current = next;
    setKept(next);
  }, []);

  const save = useCallback(async () => {
    const content = latest.current;
    clearTimeout(timer.current);
    if (content && !isUntouched(content.draft)) await tab.current?.write({ content, base: content, baseVersion: 0, savedAt: Date.now() });
    else await tab.current?.clear();
  }, []);

  useEffect(() => {
    const takeUp = (left: LocalDraft<Kept>) => {
      const order = leftOrder(left);
      if (!order) return;
      show(order);
      setRestored(true);
    };
    const begin = () => {
      if (!latest.current) show(begun());
    };
    const own = new DraftTab<Kept>({ userId: id, subject: NEW_ORDER, takes: 'newest', onLeft: takeUp });
    tab.current = own;
    // A browser that keeps nothing (a private window) still orders; it only cannot restore.
    own.open().then(begin, begin);
    return () => {
      const saved = save().catch(() => undefined);
      void saved.then(() => own.close());
    };
  }, [id, save, show]);

  const write = useCallback(
    (next: Kept) => {
      show(next);
      clearTimeout(timer.current);
      timer.current = setTimeout(() => void save().catch(() => undefined), REST_MS);
    },
    [save, show],
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
    show(begun());
    setRestored(false);
    await save().catch(() => undefined);
  }, [save, show]);

  return { draft: kept?.draft ?? null, isRestored, change, seal, clear };
}
