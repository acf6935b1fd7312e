/** The pages and what their addresses may say. Addresses hold ids and filters, never a name or number of a patient. */
import { betweenPages, NotFound } from '@shared/shell/between-pages';
import { pageOf } from '@shared/shell/page-of';
import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { readOrdersSearch } from '../features/orders/domain/orders-search';
import { Frame } from './frame';

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });

const orders = createRoute({
  getParentRoute: () => root,
  path: '/',
  validateSearch: readOrdersSearch,
  component: pageOf(() => import('../features/orders/components/orders-page'), 'OrdersPage', 'order.read'),
});

const newOrder = createRoute({
  getParentRoute: () => root,
  path: '/new',
  component: pageOf(() => import('../features/order-entry/components/new-order-page'), 'NewOrderPage', 'order.create'),
});

const order = createRoute({
  getParentRoute: () => root,
  path: '/orders/$orderId',
  component: pageOf(() => import('../features/result/components/order-page'), 'OrderPage', 'order.read'),
});

const images = createRoute({
  getParentRoute: () => root,
  path: '/images/$orderId',
  component: pageOf(() => import('../features/result/components/images-page'), 'ImagesPage', 'viewer.read'),
});

const critical = createRoute({
  getParentRoute: () => root,
  path: '/critical',
  component: pageOf(() => import('../features/critical/components/critical-page'), 'CriticalPage', 'alert.read'),
});

const routes = root.addChildren([orders, newOrder, order, images, critical]);

export function makeRouter() {
  return createRouter({ routeTree: routes, ...betweenPages });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
