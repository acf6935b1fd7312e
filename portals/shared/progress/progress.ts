/** How far an order has come, as whoever ordered it follows it. Pure. */
import type { Order, OrderStatus, Report } from '../api/types';

export interface Step {
  status: OrderStatus | 'AMENDED';
  label: string;
  state: 'done' | 'now' | 'open';
  /** When the order got there. */
  at: string | null;
}

const STEPS: ReadonlyArray<{ status: OrderStatus; label: string }> = [
  { status: 'SCHEDULED', label: 'Scheduled' },
  { status: 'IN_PROGRESS', label: 'Exam in progress' },
  { status: 'IMAGES_AVAILABLE', label: 'Images available' },
  { status: 'PRELIMINARY_REPORT', label: 'Preliminary report' },
  { status: 'FINAL_REPORT', label: 'Final report' },
];

type Amendable = Pick<Report, 'status' | 'signedAt'>;
type Followed = Pick<Order, 'status' | 'history' | 'appointment' | 'createdAt' | 'imagesCapturedAt' | 'receivedInstances'>;

/** Images came, and were all found to belong elsewhere. */
export const areImagesTakenOut = (order: Pick<Order, 'imagesCapturedAt' | 'receivedInstances'>): boolean => Boolean(order.imagesCapturedAt) && order.receivedInstances === 0;

/** The last place that a cancelled order had reached. */
function reached(order: Followed): OrderStatus {
  if (order.status !== 'CANCELLED') return order.status;
  return order.history.findLast(({ status }) => status !== 'CANCELLED')?.status ?? 'SCHEDULED';
}

/** The way of an order; a preliminary report is no step of an order that was signed without one, and an amended one comes after the final. */
export function stepsOf(order: Followed, report: Amendable | null = null): Step[] {
  const here = STEPS.findIndex(({ status }) => status === reached(order));
  const timeOf = (status: OrderStatus) => order.history.findLast((change) => change.status === status)?.at ?? (status === 'SCHEDULED' ? order.createdAt : null);
  const named = (status: OrderStatus, label: string) => (status === 'SCHEDULED' && !order.appointment && here === 0 ? 'Ordered, no appointment yet' : label);
  const steps = STEPS.map<Step>(({ status, label }, index) => ({
    status,
    label: `${named(status, label)}${index === here && areImagesTakenOut(order) ? ', images taken out' : ''}`,
    state: index < here || (index === here && status === 'FINAL_REPORT') ? 'done' : index === here ? 'now' : 'open',
    at: index <= here ? timeOf(status) : null,
  })).filter((step) => !(step.status === 'PRELIMINARY_REPORT' && step.state === 'done' && step.at === null));
  if (order.status !== 'FINAL_REPORT' || report?.status !== 'AMENDED') return steps;
  return [...steps, { status: 'AMENDED', label: 'Amended report', state: 'done', at: report.signedAt }];
}

/** May its orderer still take it back? The server decides again. */
export function isCancellable(order: Pick<Order, 'status'>): boolean {
  return order.status === 'SCHEDULED' || order.status === 'IN_PROGRESS';
}
