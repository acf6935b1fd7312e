/** The pages and what their addresses may say. Addresses hold ids and filters, never a name or number of a patient. */
import { betweenPages, NotFound } from '@shared/shell/between-pages';
import { pageOf } from '@shared/shell/page-of';
import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router';
import { readWorklistSearch } from '../features/worklist/domain/worklist-search';
import { readScheduleSearch } from '../features/schedule/domain/schedule';
import { Frame } from './frame';

const root = createRootRoute({ component: Frame, notFoundComponent: NotFound });

const dashboard = createRoute({
  getParentRoute: () => root,
  path: '/',
  component: pageOf(() => import('../features/dashboard/components/dashboard-page'), 'DashboardPage', 'dashboard.read'),
});

const worklist = createRoute({
  getParentRoute: () => root,
  path: '/worklist',
  validateSearch: readWorklistSearch,
  component: pageOf(() => import('../features/worklist/components/worklist-page'), 'WorklistPage', 'worklist.read'),
});

const reading = createRoute({
  getParentRoute: () => root,
  path: '/read/$orderId',
  component: pageOf(() => import('../features/reading/components/reading-page'), 'ReadingPage', 'viewer.read'),
});

const schedule = createRoute({
  getParentRoute: () => root,
  path: '/schedule',
  validateSearch: readScheduleSearch,
  component: pageOf(() => import('../features/schedule/components/schedule-page'), 'SchedulePage', 'schedule.read'),
});

const newOrder = createRoute({
  getParentRoute: () => root,
  path: '/new-order',
  component: pageOf(() => import('../features/ordering/components/new-order-page'), 'NewOrderPage', 'order.create'),
});

const upload = createRoute({
  getParentRoute: () => root,
  path: '/upload',
  validateSearch: (raw: Record<string, unknown>): { order?: string } => (typeof raw.order === 'string' ? { order: raw.order } : {}),
  component: pageOf(() => import('../features/upload/components/upload-page'), 'UploadPage', 'images.upload'),
});

const critical = createRoute({
  getParentRoute: () => root,
  path: '/critical',
  component: pageOf(() => import('../features/critical/components/critical-page'), 'CriticalPage', 'alert.read'),
});

const reports = createRoute({
  getParentRoute: () => root,
  path: '/reports',
  component: pageOf(() => import('../features/reports/components/reports-page'), 'ReportsPage', 'report.read'),
});

const unmatched = createRoute({
  getParentRoute: () => root,
  path: '/unmatched',
  component: pageOf(() => import('../features/sorting/components/unmatched-page'), 'UnmatchedPage', 'studies.sort'),
});

const system = createRoute({
  getParentRoute: () => root,
  path: '/system',
  component: pageOf(() => import('../features/system/components/system-page'), 'SystemPage', 'health.read'),
});

const routes = root.addChildren([dashboard, schedule, newOrder, upload, worklist, reading, critical, reports, unmatched, system]);

export function makeRouter() {
  return createRouter({ routeTree: routes, ...betweenPages });
}

declare module '@tanstack/react-router' {
  interface Register {
    router: ReturnType<typeof makeRouter>;
  }
}
