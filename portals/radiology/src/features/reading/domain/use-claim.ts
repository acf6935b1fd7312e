/** Opening a case takes it, so that two do not read the same one; leaving it gives it back. */
import { accept, claim as takeCase, orderQuery, release } from '@shared/api/orders';
import type { Order } from '@shared/api/types';
import { ProblemError } from '@shared/http/problem';
import { useMay, usePortal } from '@shared/shell/portal-context';
import { useNow } from '@shared/time/use-now';
import { readerOf } from '@shared/worklist/cases';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';

/** The lease is renewed well before it ends. */
const RENEW_MS = 5 * 60_000;

export interface Claim {
  order: Order;
  /** Somebody else who reads the case now. */
  reader: string | null;
  /** The case stays taken when the page is left, as when a draft is unfinished. */
  keep: (isKept: boolean) => void;
}

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
    let holds = false;
    const take = async () => {
      try {
        accept(queries, await takeCase(opened.id));
        holds = true;
      } catch (error) {
        // Somebody else reads it: the banner says who. Anything else is no reason to stop reading.
        if (error instanceof ProblemError && error.status === 409) void queries.invalidateQueries({ queryKey: ['orders', 'one', opened.id] });
      }
    };
    void take();
    const timer = setInterval(() => void take(), RENEW_MS);
    return () => {
      clearInterval(timer);
      if (holds && !isKept.current) release(opened.id).catch(() => undefined);
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
