/** What a list of cases means for one reader. Pure: the worklist and the reading page must agree. */
import type { Order } from '../api/types';

/** Who else reads the case now: a claim that has run out is none. */
export function readerOf(order: Order, myId: string, now: number): string | null {
  const { claim } = order;
  if (!claim || claim.radiologistId === myId || Date.parse(claim.expiresAt) <= now) return null;
  return claim.radiologistName;
}

/** The case to open next: mine first, then nobody's, in the order of the list, and never one being read. */
export function nextCase(orders: readonly Order[], myId: string, now: number, after?: string): Order | undefined {
  const open = orders.filter((order) => order.id !== after && order.status === 'IMAGES_AVAILABLE' && readerOf(order, myId, now) === null);
  const stat = open.find((order) => order.priority === 'STAT' && (order.assignedRadiologistId === null || order.assignedRadiologistId === myId));
  const mine = open.find((order) => order.assignedRadiologistId === myId);
  return stat ?? mine ?? open.find((order) => order.assignedRadiologistId === null);
}

/** `300`, or `120 of 300` while images are missing. */
export function imageCount(order: Pick<Order, 'receivedInstances' | 'expectedInstances'>): string {
  const { receivedInstances: received, expectedInstances: expected } = order;
  return expected === null || expected === received ? String(received) : `${received} of ${expected}`;
}
