/** One ticking clock for all countdowns of a page, so that they change together: the server's. */
import { useSyncExternalStore } from 'react';
import { serverNow } from './server-clock';

const listeners = new Set<() => void>();
let now = serverNow();
let timer: ReturnType<typeof setInterval> | undefined;

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  if (timer === undefined) now = serverNow();
  timer ??= setInterval(() => {
    now = serverNow();
    listeners.forEach((tell) => tell());
  }, 1000);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    timer = undefined;
  };
}

export function useNow(): number {
  return useSyncExternalStore(subscribe, () => now);
}

const COARSE_MS = 30_000;

/** The time in steps of half a minute, for what need not be drawn anew each second. */
export function useCoarseNow(): number {
  return useSyncExternalStore(subscribe, () => Math.floor(now / COARSE_MS) * COARSE_MS);
}
