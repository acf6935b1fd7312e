/** How long unsaved typing stays in a browser: over a weekend and the day after, and only its writer's. */
const KEPT_MS = 4 * 86_400_000;

/** Whether a draft under this key may stay when a person signs in. */
export function isKept(key: string, savedAt: number, userId: string, now: number): boolean {
  return key.startsWith(`${userId}/`) && now - savedAt < KEPT_MS;
}
