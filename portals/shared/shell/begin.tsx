/** How a portal begins: who is signed in and what the house is like first, then its pages. */
import { createRoot } from 'react-dom/client';
import type { ReactNode } from 'react';
import { tidyDrafts } from '../drafts/draft-store';
import { newQueryClient } from '../http/query-client';
import { session } from '../http/session';
import { LiveProvider } from '../live/live';
import { Empty, Failed } from '../states/states';
import { PortalProviders } from '../theme/portal-providers';
import { startAnewOnRelease } from './parts';
import { enter, PortalContextProvider } from './portal-context';

/**
 * Where the window that was opened to sign in again comes back to: it has done its work. That another site's page was
 * shown in it has cut it off from its opener (Cross-Origin-Opener-Policy), and a browser may not let it close itself.
 */
const SIGNED_IN = '/signed-in';

function SignedIn() {
  return <Empty title="You are signed in">Go on in the window that you came from. This one can be closed.</Empty>;
}

export async function begin(pages: () => ReactNode): Promise<void> {
  startAnewOnRelease();
  const queryClient = newQueryClient();
  const root = createRoot(document.getElementById('root') as HTMLElement);
  if (location.pathname === SIGNED_IN) {
    window.close();
    return root.render(
      <PortalProviders queryClient={queryClient}>
        <SignedIn />
      </PortalProviders>,
    );
  }
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
