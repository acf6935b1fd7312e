/** How a portal begins: who is signed in and what the house is like first, then its pages. */
import { createRoot } from 'react-dom/client';
import type { ReactNode } from 'react';
import { tidyDrafts } from '../drafts/draft-store';
import { newQueryClient } from '../http/query-client';
import { session } from '../http/session';
import { LiveProvider } from '../live/live';
import { Failed } from '../states/states';
import { PortalProviders } from '../theme/portal-providers';
import { enter, PortalContextProvider } from './portal-context';

/** A popup that was opened to sign in again has done its work as soon as it is back here. */
function isSignInPopup(): boolean {
  return location.pathname === '/signed-in' && window.opener !== null;
}

const RELOADED_AT = 'reloaded-at';
const ONCE_A_MINUTE_MS = 60_000;

/** A page that was open while a new release came asks for parts that are gone. What was typed is kept, so it starts anew. */
function startAnewOnRelease(): void {
  window.addEventListener('vite:preloadError', (event) => {
    if (Date.now() - Number(sessionStorage.getItem(RELOADED_AT)) < ONCE_A_MINUTE_MS) return;
    event.preventDefault();
    sessionStorage.setItem(RELOADED_AT, String(Date.now()));
    location.reload();
  });
}

export async function begin(pages: () => ReactNode): Promise<void> {
  if (isSignInPopup()) return window.close();
  startAnewOnRelease();
  const queryClient = newQueryClient();
  const root = createRoot(document.getElementById('root') as HTMLElement);
  try {
    const portal = await enter(queryClient);
    if (!portal) return;
    session.belongsTo(portal.me.id);
    // A browser that keeps nothing (a private window) has nothing to tidy.
    await tidyDrafts(portal.me.id).catch(() => undefined);
    root.render(
      <PortalProviders queryClient={queryClient}>
        <PortalContextProvider value={portal}>
          <LiveProvider position={portal.me.livePosition}>{pages()}</LiveProvider>
        </PortalContextProvider>
      </PortalProviders>,
    );
  } catch (error) {
    root.render(
      <PortalProviders queryClient={queryClient}>
        <Failed error={error} onRetry={() => location.reload()} />
      </PortalProviders>,
    );
  }
}
