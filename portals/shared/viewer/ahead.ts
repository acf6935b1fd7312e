/** Has the viewer ready before the first case of a session is opened, while a list is looked at and the page is idle. */
import { useRouter } from '@tanstack/react-router';
import { useEffect } from 'react';

/**
 * Fetch and evaluate the page of the images and start the viewer, once the list is shown.
 *
 * What fails here is asked for again when a case is opened.
 */
export function useViewerAhead(isListShown: boolean, page: string): void {
  const router = useRouter();
  useEffect(() => {
    const route = (router.routesById as Record<string, Parameters<typeof router.loadRouteChunk>[0] | undefined>)[page];
    if (!isListShown || !route || isSparing()) return;
    whenIdle(async () => {
      await router.loadRouteChunk(route);
      // In a turn of its own: each of the two holds the page up for some frames.
      whenIdle(async () => (await import('./cornerstone')).rehearse());
    });
  }, [router, page, isListShown]);
}

/** A phone fetches four megabytes when somebody wants to see images, and not before. */
function isSparing(): boolean {
  return matchMedia('(pointer: coarse)').matches;
}

function whenIdle(act: () => Promise<void>): void {
  const run = () => void act().catch(() => undefined);
  // Safari has no idle callbacks.
  if ('requestIdleCallback' in window) requestIdleCallback(run);
  else setTimeout(run, 300);
}
