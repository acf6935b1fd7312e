/** Whether somebody is at this page: what a page does by itself must keep neither a session nor a case open. */
const ACTS = ['pointerdown', 'pointermove', 'wheel', 'keydown', 'input'] as const;

/** Hear of each act of the person; a dictated word is an `input` without a key. */
export function onAct(listener: () => void): () => void {
  ACTS.forEach((act) => window.addEventListener(act, listener, { capture: true, passive: true }));
  return () => ACTS.forEach((act) => window.removeEventListener(act, listener, { capture: true }));
}

/** Whoever opened the page was there. */
let actedAt = Date.now();
onAct(() => {
  actedAt = Date.now();
});

export const hasActedSince = (time: number): boolean => actedAt > time;

let saidPresentAt = 0;

/**
 * What each request carries: nothing done at the page since one said that somebody is there, and it is the page that
 * asks by itself. The gateway keeps no session open for that.
 */
export function presenceHeaders(): Record<string, string> {
  if (!hasActedSince(saidPresentAt)) return { 'X-Background': '1' };
  saidPresentAt = Date.now();
  return {};
}
