/** Orders that an order would double: the same patient, method and region, still open or of the last days. Pure. */
import type { Order } from '../api/types';

const RECENT_MS = 7 * 86_400_000;
const OPEN = new Set(['SCHEDULED', 'IN_PROGRESS', 'IMAGES_AVAILABLE', 'PRELIMINARY_REPORT']);

type Known = Pick<Order, 'id' | 'modality' | 'bodyPart' | 'status' | 'createdAt'>;

export function duplicatesOf<Earlier extends Known>(wanted: { modality: string | null; bodyPart: string }, earlier: readonly Earlier[], now: number): Earlier[] {
  const part = wanted.bodyPart.trim().toUpperCase();
  if (!wanted.modality || !part) return [];
  return earlier.filter(
    (order) => order.modality === wanted.modality && order.bodyPart.toUpperCase() === part && (OPEN.has(order.status) || (order.status !== 'CANCELLED' && now - Date.parse(order.createdAt) < RECENT_MS)),
  );
}
