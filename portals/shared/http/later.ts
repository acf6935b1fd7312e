import { backOff } from '../live/live-client';

/** Resolves when it is worth trying again: a while has passed, longer each time, or the browser says that it is online. */
export function later(attempt: number): Promise<void> {
  return new Promise((resolve) => {
    const go = () => {
      clearTimeout(timer);
      window.removeEventListener('online', go);
      resolve();
    };
    const timer = setTimeout(go, backOff(attempt, Math.random()));
    window.addEventListener('online', go);
  });
}
