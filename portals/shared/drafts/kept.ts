/** How long unsaved typing stays in a browser, and only its writer's: over a weekend and the day after; a new order for a day's work. */
const KEPT_MS = 4 * 86_400_000;
const ORDER_KEPT_MS = 12 * 3_600_000;

/** Below this subject are the orders that are being written. */
export const NEW_ORDER = 'new-order';

/** Whether a draft under this key may stay when a person signs in. */
export function isKept(key: string, savedAt: number, userId: string, now: number): boolean {
  if (key.startsWith(`${userId}/${NEW_ORDER}/`)) return isFreshOrder(savedAt, now);
  return key.startsWith(`${userId}/`) && now - savedAt < KEPT_MS;
}

/** An order of yesterday is not taken up again. */
export function isFreshOrder(savedAt: number, now: number): boolean {
  return now - savedAt < ORDER_KEPT_MS;
}
