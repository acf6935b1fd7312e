/** What a case opens with: what it consists of, and its first image. */
import type { QueryClient } from '@tanstack/react-query';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect } from 'react';
import { viewerDataQuery } from '../api/studies';
import { warm } from './cornerstone';
import { loadSeries } from './dicomweb';
import { startIndex } from './hanging';
import { toStudyListing } from './study-listing';

/** Fetch what a case needs to open at once, down to the image it opens with. */
export async function warmCase(queries: QueryClient, orderId: string): Promise<void> {
  const { studies } = await queries.fetchQuery(viewerDataQuery(orderId));
  const study = studies[0] && toStudyListing(studies[0], false);
  const [series] = study?.series ?? [];
  if (!study || !series) return;
  const [set] = await loadSeries({ studyInstanceUid: study.studyInstanceUid, seriesInstanceUid: series.seriesInstanceUid }, series.revision);
  const image = set?.images[startIndex(set)];
  if (image) await warm(image.imageId);
}

/** What a page shows of a case; its first image comes while the page is still put together. */
export function useCase(orderId: string) {
  const queries = useQueryClient();
  const query = useQuery({ ...viewerDataQuery(orderId), refetchOnWindowFocus: false });
  useEffect(() => {
    // What fails here is asked for again by whoever needs it, and told there.
    warmCase(queries, orderId).catch(() => undefined);
  }, [queries, orderId]);
  return query;
}
