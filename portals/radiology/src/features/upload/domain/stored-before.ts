/**
 * Which files of an order were stored from this browser, so that the same folder or zip, chosen again after a reload or a
 * crash, goes on where it stopped. Kept are digests and what the server said, in its own fixed sentences: no name, no
 * number, nothing of a header.
 */
const PREFIX = 'uploaded/';
const KEPT_MS = 4 * 86_400_000;
/** A browser has room for some five million characters, of which an order of 1,500 files takes fifty thousand. */
const MOST_ORDERS = 20;

interface Kept {
  at: number;
  said: Record<string, string>;
}

export class StoredBefore {
  private readonly key: string;
  private readonly storage: Storage;
  private readonly kept: Kept;

  constructor(orderId: string, storage: Storage = localStorage, now: number = Date.now()) {
    this.key = PREFIX + orderId;
    this.storage = storage;
    const orders = Object.keys(storage).filter((key) => key.startsWith(PREFIX));
    const byAge = orders.map((key) => ({ key, at: read(storage, key)?.at ?? 0 })).toSorted((one, other) => other.at - one.at);
    byAge.forEach(({ key, at }, place) => (place >= MOST_ORDERS || now - at > KEPT_MS) && storage.removeItem(key));
    this.kept = read(storage, this.key) ?? { at: now, said: {} };
  }

  get count(): number {
    return Object.keys(this.kept.said).length;
  }

  /** What was said of a file when it was stored; undefined when it was not. */
  said(digest: string): string | undefined {
    return this.kept.said[digest];
  }

  add(digest: string, message: string, now: number = Date.now()): void {
    this.kept.at = now;
    this.kept.said[digest] = message;
    this.write();
  }

  forget(digests: readonly string[]): void {
    const gone = new Set(digests);
    this.kept.said = Object.fromEntries(Object.entries(this.kept.said).filter(([digest]) => !gone.has(digest)));
    this.write();
  }

  /** Where there is no room, a file is sent once more: that changes nothing on the server. */
  private write(): void {
    try {
      this.storage.setItem(this.key, JSON.stringify(this.kept));
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
    }
  }
}

function read(storage: Storage, key: string): Kept | null {
  const text = storage.getItem(key);
  return text === null ? null : (JSON.parse(text) as Kept);
}
