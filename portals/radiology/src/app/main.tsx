import { enter, PortalContextProvider } from '@shared/shell/portal-context';
import { LiveProvider } from '@shared/live/live';
import { Failed } from '@shared/states/states';
import { PortalProviders } from '@shared/theme/portal-providers';
import { RouterProvider } from '@tanstack/react-router';
import { createRoot } from 'react-dom/client';
import { queryClient } from './query-client';
import { makeRouter } from './router';

const root = createRoot(document.getElementById('root') as HTMLElement);

/** A popup that was opened to sign in again has done its work as soon as it is back here. */
function isSignInPopup(): boolean {
  return location.pathname === '/signed-in' && window.opener !== null;
}

async function begin(): Promise<void> {
  if (isSignInPopup()) return window.close();
  try {
    const portal = await enter(queryClient);
    if (!portal) return;
    root.render(
      <PortalProviders queryClient={queryClient}>
        <PortalContextProvider value={portal}>
          <LiveProvider>
            <RouterProvider router={makeRouter()} />
          </LiveProvider>
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

void begin();
