import { worklistQuery } from '@shared/api/orders';
import type { Order } from '@shared/api/types';
import { hasActedSince } from '@shared/http/presence';
import { usePortal } from '@shared/shell/portal-context';
import { useCoarseNow } from '@shared/time/use-now';
import { warmCase } from '@shared/viewer/case-opening';
import type { ViewerController } from '@shared/viewer/controller';
import { useViewer } from '@shared/viewer/use-viewer';
import { nextCase } from '@shared/worklist/cases';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';

export function useNextCase(currentId: string): Order | undefined {
  const { me } = usePortal();
  const now = useCoarseNow();
  const { data } = useQuery(worklistQuery({}));
  return data && nextCase(data.items, me.id, now, currentId);
}

const LATELY_MS = 5 * 60_000;

/** When this case is wholly loaded, the next one's metadata and first image are fetched behind it. */
export function usePrefetchNextCase(viewer: ViewerController, currentId: string): void {
  const queries = useQueryClient();
  const next = useNextCase(currentId)?.id;
  const isLoaded = useViewer(viewer, (state) => state.firstImageDrawn && (state.cached === null || state.cached.loaded >= state.cached.total));
  useEffect(() => {
    // The worklist changes while nobody is here, too; images that are fetched for nobody would keep the session open.
    if (!next || !isLoaded || !hasActedSince(Date.now() - LATELY_MS)) return;
    // It is only a favour: what fails here is asked for again when the case is opened.
    warmCase(queries, next).catch(() => undefined);
  }, [queries, next, isLoaded]);
}
