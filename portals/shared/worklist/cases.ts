/** What a list of cases means for one reader. Pure: the worklist and the reading page must agree. */
import type { Order } from '../api/types';

/** Who else reads the case now: a claim that has run out is none. */
export function readerOf(order: Order, myId: string, now: number): string | null {
  const { claim } = order;
  if (!claim || claim.radiologistId === myId || Date.parse(claim.expiresAt) <= now) return null;
  return claim.radiologistName;
}

/** The list also shows what still arrives: its exam goes on, or nobody has said that all images are here. */
export function isArriving(order: Order): boolean {
  return order.status === 'IMAGES_AVAILABLE' && order.readyForReadAt === null;
}

/**
 * The case to open next: mine first, then nobody's, in the order of the list, and never one that is being read or still arrives,
 * nor a preliminary report, which is somebody's work in progress.
 */
export function nextCase(orders: readonly Order[], myId: string, now: number, after?: string): Order | undefined {
  const open = orders.filter((order) => order.id !== after && order.status === 'IMAGES_AVAILABLE' && !isArriving(order) && readerOf(order, myId, now) === null);
  const stat = open.find((order) => order.priority === 'STAT' && (order.assignedRadiologistId === null || order.assignedRadiologistId === myId));
  const mine = open.find((order) => order.assignedRadiologistId === myId);
  return stat ?? mine ?? open.find((order) => order.assignedRadiologistId === null);
}

/** The same in words, for the button. */
export const NEXT_CASE = 'A STAT first, then what is assigned to you, then to nobody. What somebody reads, what still arrives and a preliminary report is left out; open such a case from the list.';

/** `300`, or `120 of 300` while images are missing. */
export function imageCount(order: Pick<Order, 'receivedInstances' | 'expectedInstances'>): string {
  const { receivedInstances: received, expectedInstances: expected } = order;
  return expected === null || expected === received ? String(received) : `${received} of ${expected}`;
}
