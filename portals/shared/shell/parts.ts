/**
 * Parts of the portal that are fetched when they are needed. One that does not come is either out of reach for now, and
 * the page stays as it is, or gone with a new release, and the page starts anew.
 */
import { OfflineError } from '../http/problem';

const RELOADED_AT = 'reloaded-at';
const ONCE_A_MINUTE_MS = 60_000;

/** Whether the server of the portal answers. Without an answer a page that starts anew would not come back. */
async function isReachable(): Promise<boolean> {
  return fetch('/', { cache: 'no-store' }).then(
    ({ ok }) => ok,
    () => false,
  );
}

/** Fetch a part, and say that there is no connection where that is why it does not come. */
export async function fetched<Part>(load: () => Promise<Part>): Promise<Part> {
  try {
    return await load();
  } catch (error) {
    throw (await isReachable()) ? error : new OfflineError();
  }
}

/** A page that was open while a new release came asks for parts that are gone. What was typed is kept, so it starts anew. */
export function startAnewOnRelease(reload: () => void = () => location.reload()): void {
  window.addEventListener('vite:preloadError', () => void startAnew(reload));
}

async function startAnew(reload: () => void): Promise<void> {
  if (Date.now() - Number(sessionStorage.getItem(RELOADED_AT)) < ONCE_A_MINUTE_MS) return;
  if (!(await isReachable())) return;
  sessionStorage.setItem(RELOADED_AT, String(Date.now()));
  reload();
}
