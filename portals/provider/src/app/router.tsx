/** The pages and what their addresses may say. Addresses hold ids and filters, never a name or number of a patient. */
import { Page } from '@shared/shell/page';
import { useMay } from '@shared/shell/portal-context';
import { Empty, Failed, Loading, PageWithoutRight } from '@shared/states/states';
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import type { RouteComponent } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { readOrdersSearch } from '../features/orders/domain/orders-search';
import { Frame } from './frame';

function NotFound() {
  return (
    <Page title="Not found">
      <Empty title="There is no such page">What you look for may have another address now.</Empty>
    </Page>
  );
}

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });

/** Show a page to those whose role includes it; the server refuses the others' requests as well. */
function guarded(action: string, Page: RouteComponent): RouteComponent {
  function Guarded() {
    return useMay()(action) ? <Page /> : <PageWithoutRight />;
  }
  // What the router calls to fetch a page before it is shown; Page drops its own once it is here.
  return Object.assign(Guarded, { preload: () => Page.preload?.() });
}

const page = (load: () => Promise<Record<string, ComponentType>>, name: string, action: string) =>
  guarded(action, lazyRouteComponent(load as never, name as never) as RouteComponent);

const orders = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: readOrdersSearch,
  component: page(() => import('../features/orders/components/orders-page'), 'OrdersPage', 'order.read'),
});

const newOrder = createRoute({
  getParentRoute: () => root,
  path: '/new',
  component: page(() => import('../features/order-entry/components/new-order-page'), 'NewOrderPage', 'order.create'),
});

const order = createRoute({
  getParentRoute: () => root,
  path: '/orders/$orderId',
  component: page(() => import('../features/result/components/order-page'), 'OrderPage', 'order.read'),
});

const images = createRoute({
  getParentRoute: () => root,
  path: '/images/$orderId',
  component: page(() => import('../features/result/components/images-page'), 'ImagesPage', 'viewer.read'),
});

const critical = createRoute({
  getParentRoute: () => root,
  path: '/critical',
  component: page(() => import('../features/critical/components/critical-page'), 'CriticalPage', 'alert.read'),
});

const routes = root.addChildren([orders, newOrder, order, images, critical]);

export function makeRouter() {
  return createRouter({
    routeTree: routes,
    defaultPreload: 'intent',
    defaultPendingComponent: () => <Loading />,
    defaultErrorComponent: ({ error, reset }) => <Failed error={error} onRetry={reset} />,
  });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
