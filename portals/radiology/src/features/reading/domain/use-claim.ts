/** Opening a case takes it, so that two do not read the same one; leaving it, or the page, gives it back, and so does a lease's length without input. */
import { accept, claim as takeCase, orderQuery, release, releaseAtOnce } from '@shared/api/orders';
import type { Order } from '@shared/api/types';
import { noted } from '@shared/feedback/toasts';
import { onAct } from '@shared/http/presence';
import { ProblemError } from '@shared/http/problem';
import { useMay, usePortal } from '@shared/shell/portal-context';
import { useNow } from '@shared/time/use-now';
import { readerOf } from '@shared/worklist/cases';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

/** No more often than this; the lease is three times as long. */
const RENEW_MS = 5 * 60_000;

export interface Claim {
  order: Order;
  /** Somebody else who reads the case now. */
  reader: string | null;
  /** The case stays taken when the page is left, as when a draft is unfinished. */
  keep: (isKept: boolean) => void;
}

/** The case that this page shows. */
let shown: string | null = null;

const isReadable = (order: Order): boolean => order.status === 'IMAGES_AVAILABLE' || order.status === 'PRELIMINARY_REPORT';

export function useClaim(opened: Order): Claim {
  const queries = useQueryClient();
  const { me } = usePortal();
  const may = useMay()('order.claim');
  const now = useNow();
  const { data: order = opened } = useQuery({ ...orderQuery(opened.id), initialData: opened });
  const isKept = useRef(false);
  const wanted = may && isReadable(opened);

  useEffect(() => {
    if (!wanted) return;
    shown = opened.id;
    let holds = false;
    let isLeft = false;
    let askedAt = 0;
    let due: ReturnType<typeof setTimeout> | undefined;
    // Also where the answer comes after the case was left, and unless it was opened again meanwhile.
    const giveBack = () => {
      if (holds && isLeft && shown !== opened.id) release(opened.id).catch(() => undefined);
    };
    const take = async () => {
      due = undefined;
      askedAt = Date.now();
      try {
        accept(queries, await takeCase(opened.id));
        holds = true;
        giveBack();
      } catch (error) {
        // Somebody else reads it: the banner says who. Anything else is no reason to stop reading.
        if (!(error instanceof ProblemError && error.status === 409)) return;
        if (holds && error.code === 'claimed_by_other') noted(`${error.message} What you wrote is kept.`, 'You were away');
        holds = false;
        void queries.invalidateQueries({ queryKey: ['orders', 'one', opened.id] });
      }
    };
    void take();
    // Only a reader who does something keeps the case; after a pause at once, so that each act is followed by a whole lease.
    const stopHearing = onAct(() => {
      due ??= setTimeout(() => void take(), Math.max(0, askedAt + RENEW_MS - Date.now()));
    });
    // Of a page that is closed or reloaded nothing is unmounted.
    const onPageLeft = () => {
      const seen = queries.getQueryData<Order>(orderQuery(opened.id).queryKey);
      if (seen && holds && !isKept.current) releaseAtOnce(seen).catch(() => undefined);
    };
    const onPageBack = ({ persisted }: PageTransitionEvent) => {
      if (persisted) void take();
    };
    window.addEventListener('pagehide', onPageLeft);
    window.addEventListener('pageshow', onPageBack);
    return () => {
      stopHearing();
      window.removeEventListener('pagehide', onPageLeft);
      window.removeEventListener('pageshow', onPageBack);
      clearTimeout(due);
      shown = null;
      isLeft = !isKept.current;
      giveBack();
    };
  }, [queries, opened.id, wanted]);

  return {
    order,
    reader: readerOf(order, me.id, now),
    keep: (kept) => {
      isKept.current = kept;
    },
  };
}
