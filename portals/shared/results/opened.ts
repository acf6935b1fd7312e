/**
 * Which results were opened in this browser, for each person: ids of versions and when, and nothing of
 * a patient. All tabs of the browser share it.
 */
type Listener = () => void;

const KEPT_MS = 60 * 86_400_000;
const PREFIX = 'opened-results/';

function read(userId: string): Record<string, number> {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + userId) ?? '{}') as Record<string, number>;
  } catch {
    // Somebody else wrote there; what was opened is then unread again, which harms nobody.
    return {};
  }
}

class Opened {
  private readonly listeners = new Set<Listener>();
  private readonly kept = new Map<string, ReadonlySet<string>>();

  constructor() {
    window.addEventListener('storage', (event) => {
      if (event.key?.startsWith(PREFIX)) this.changed(event.key.slice(PREFIX.length));
    });
  }

  readonly subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** The same set as long as nothing changed, as `useSyncExternalStore` needs it. */
  of(userId: string): ReadonlySet<string> {
    const known = this.kept.get(userId);
    if (known) return known;
    const opened = new Set(Object.keys(read(userId)));
    this.kept.set(userId, opened);
    return opened;
  }

  add(userId: string, keys: readonly string[], now = Date.now()): void {
    if (keys.every((key) => this.of(userId).has(key))) return;
    const fresh = Object.entries(read(userId)).filter(([, at]) => now - at < KEPT_MS);
    localStorage.setItem(PREFIX + userId, JSON.stringify({ ...Object.fromEntries(fresh), ...Object.fromEntries(keys.map((key) => [key, now])) }));
    this.changed(userId);
  }

  private changed(userId: string): void {
    this.kept.delete(userId);
    this.listeners.forEach((tell) => tell());
  }
}

export const opened = new Opened();
