import type { QueryClient } from '@tanstack/react-query';
import { queryOptions } from '@tanstack/react-query';
import { ask, ifMatch, tell } from './ask';
import {
  assignOrder,
  cancelOrder,
  checkIn,
  claimOrder,
  completeExam,
  createOrder,
  findSimilarOrders,
  getDashboard,
  getOrder,
  getSchedule,
  getWorklist,
  listOrders,
  releaseOrder,
  rescheduleOrder,
  screen,
  searchOrders,
  startExam,
} from './generated/sdk.gen';
import type * as gen from './generated/types.gen';
import type { Modality, Order, Priority } from './types';

export const dashboardQuery = queryOptions({ queryKey: ['dashboard'], queryFn: () => ask(getDashboard()), refetchInterval: 60_000 });

export const orderQuery = (id: string) => queryOptions({ queryKey: ['orders', 'one', id], queryFn: () => ask(getOrder({ path: { id } })) });

export interface ScheduleFilter {
  date?: string;
  modality?: Modality[];
  priority?: Priority[];
}

export const scheduleQuery = (filter: ScheduleFilter) =>
  queryOptions({ queryKey: ['orders', 'list', 'schedule', filter], queryFn: () => ask(getSchedule({ query: { ...filter, pageSize: 500 } })) });

export const withoutSlotQuery = queryOptions({
  queryKey: ['orders', 'list', 'without-slot'],
  queryFn: () => ask(listOrders({ query: { withoutSlot: true, status: ['SCHEDULED'], pageSize: 200 } })),
});

/** The appointments in a room that have not begun. */
export const bookedInQuery = (equipmentId: string, dateFrom: string) =>
  queryOptions({ queryKey: ['orders', 'list', 'booked-in', equipmentId, dateFrom], queryFn: () => ask(listOrders({ query: { equipmentId, dateFrom, status: ['SCHEDULED'], pageSize: 500 } })) });

/** All that stands in a room from one day to another. */
export const bookedBetweenQuery = (equipmentId: string, dateFrom: string, dateTo: string) =>
  queryOptions({ queryKey: ['orders', 'list', 'booked-between', equipmentId, dateFrom, dateTo], queryFn: () => ask(listOrders({ query: { equipmentId, dateFrom, dateTo, pageSize: 500 } })) });

export interface WorklistFilter {
  modality?: Modality[];
  priority?: Priority[];
  assignedTo?: 'me' | 'nobody';
  unclaimed?: boolean;
}

export const worklistQuery = (filter: WorklistFilter) =>
  queryOptions({ queryKey: ['orders', 'list', 'worklist', filter], queryFn: () => ask(getWorklist({ query: { ...filter, pageSize: 500 } })) });

/** Searched by body, since names and numbers do not belong into an address. */
export const orderSearchQuery = (body: gen.OrderSearch) =>
  queryOptions({ queryKey: ['orders', 'list', 'search', body], queryFn: () => ask(searchOrders({ body })) });

/** Orders of whom a name or number may mean, asked anew for each search. No order that comes meanwhile reaches it: nobody moves under the hand that chooses. */
export const patientSearchQuery = (patient: string) =>
  queryOptions({ queryKey: ['patients', 'search', patient], queryFn: () => ask(searchOrders({ body: { patient, sort: 'newest', pageSize: 60 } })), gcTime: 0, refetchOnWindowFocus: false });

/** Orders that an exam would double, of other doctors too; before one knows which exam of whom, there are none. */
export const similarOrdersQuery = (body: gen.WantedExam | null) =>
  queryOptions({ queryKey: ['orders', 'similar', body], queryFn: async () => (body ? (await ask(findSimilarOrders({ body }))).items : []) });

export const addOrder = (body: gen.CreateOrder, idempotencyKey: string) => tell(createOrder({ body, headers: { 'Idempotency-Key': idempotencyKey } }));

/** Take an order that the server has answered a write with; a push may have brought a newer state of it already. */
export function accept(queries: QueryClient, answer: Order): void {
  queries.setQueryData<Order>(orderQuery(answer.id).queryKey, (known) => (known && known.version > answer.version ? known : answer));
}

type Target = Pick<Order, 'id' | 'version'>;
const at = ({ id }: Pick<Order, 'id'>) => ({ path: { id } });
const asSeen = (order: Target) => ({ ...at(order), headers: ifMatch(order.version) });

export const reschedule = (order: Target, body: gen.Reschedule) => tell(rescheduleOrder({ ...asSeen(order), body }));
export const cancel = (order: Target, reason: string) => tell(cancelOrder({ ...asSeen(order), body: { reason } }));
export const screenPatient = (order: Target, body: gen.ScreenPatient) => tell(screen({ ...asSeen(order), body }));
export const assign = (order: Target, radiologistId: string | null) => tell(assignOrder({ ...asSeen(order), body: { radiologistId } }));

// The steps of an exam: the order's status guards them. Each image that comes makes a new version, and is no reason to refuse one.
export const checkInPatient = (order: Target) => tell(checkIn({ ...at(order), body: { identityVerified: true } }));
export const start = (order: Target) => tell(startExam(at(order)));
export const complete = (order: Target, expectedInstances: number | null) => tell(completeExam({ ...at(order), body: { expectedInstances } }));
export const claim = (id: string) => tell(claimOrder({ path: { id } }));
export const release = (id: string) => tell(releaseOrder({ path: { id } }));
/** Of a page that ends: it is sent all the same, and is refused where the next page has taken the order first, which makes a new version. */
export const releaseAtOnce = (order: Target) => tell(releaseOrder({ ...asSeen(order), keepalive: true }));
