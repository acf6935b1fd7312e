/** The pages and what their addresses may say. Addresses hold ids and filters, never a name or number of a patient. */
import { useMay } from '@shared/shell/portal-context';
import { Empty, Failed, Loading, NoRight } from '@shared/states/states';
import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router';
import type { RouteComponent } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { readWorklistSearch } from '../features/worklist/domain/worklist-search';
import { readScheduleSearch } from '../features/schedule/domain/schedule';
import { Frame } from './frame';

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });

function NotFound() {
  return (
    <>
      <h1 className="visually-hidden">Radiology</h1>
      <Empty title="There is no such page">What you look for may have another address now.</Empty>
    </>
  );
}

function NotAllowed() {
  return (
    <>
      <h1 className="visually-hidden">Radiology</h1>
      <NoRight />
    </>
  );
}

/** Show a page to those whose role includes it; the server refuses the others' requests as well. */
function guarded(action: string, Page: RouteComponent): RouteComponent {
  function Guarded() {
    return useMay()(action) ? <Page /> : <NotAllowed />;
  }
  // What the router calls to fetch a page before it is shown; Page drops its own once it is here.
  return Object.assign(Guarded, { preload: () => Page.preload?.() });
}

const page = (load: () => Promise<Record<string, ComponentType>>, name: string, action: string) =>
  guarded(action, lazyRouteComponent(load as never, name as never) as RouteComponent);

const dashboard = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: page(() => import('../features/dashboard/components/dashboard-page'), 'DashboardPage', 'dashboard.read'),
});

const worklist = createRoute({
  getParentRoute: () => root,
  path: '/worklist',
  validateSearch: readWorklistSearch,
  component: page(() => import('../features/worklist/components/worklist-page'), 'WorklistPage', 'worklist.read'),
});

const reading = createRoute({
  getParentRoute: () => root,
  path: '/read/$orderId',
  component: page(() => import('../features/reading/components/reading-page'), 'ReadingPage', 'viewer.read'),
});

const schedule = createRoute({
  getParentRoute: () => root,
  path: '/schedule',
  validateSearch: readScheduleSearch,
  component: page(() => import('../features/schedule/components/schedule-page'), 'SchedulePage', 'schedule.read'),
});

const newOrder = createRoute({
  getParentRoute: () => root,
  path: '/new-order',
  component: page(() => import('../features/ordering/components/new-order-page'), 'NewOrderPage', 'order.create'),
});

const upload = createRoute({
  getParentRoute: () => root,
  path: '/upload',
  validateSearch: (raw: Record<string, unknown>): { order?: string } => (typeof raw.order === 'string' ? { order: raw.order } : {}),
  component: page(() => import('../features/upload/components/upload-page'), 'UploadPage', 'images.upload'),
});

const critical = createRoute({
  getParentRoute: () => root,
  path: '/critical',
  component: page(() => import('../features/critical/components/critical-page'), 'CriticalPage', 'alert.read'),
});

const reports = createRoute({
  getParentRoute: () => root,
  path: '/reports',
  component: page(() => import('../features/reports/components/reports-page'), 'ReportsPage', 'report.read'),
});

const unmatched = createRoute({
  getParentRoute: () => root,
  path: '/unmatched',
  component: page(() => import('../features/sorting/components/unmatched-page'), 'UnmatchedPage', 'studies.sort'),
});

const system = createRoute({
  getParentRoute: () => root,
  path: '/system',
  component: page(() => import('../features/system/components/system-page'), 'SystemPage', 'health.read'),
});

const routes = root.addChildren([dashboard, schedule, newOrder, upload, worklist, reading, critical, reports, unmatched, system]);

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
