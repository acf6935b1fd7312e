/**
 * Where one tab keeps what is typed in it. Tabs never write in each other's place; what a tab has left behind
 * comes to another one of the same writer and subject. Whether a tab is still there, its lock says, which the
 * browser frees when the page is gone, however it went.
 */
import { placesBelow, readDraft, removeDraft, writeDraft } from './draft-store';
import type { LocalDraft, Sections } from './merge';

const CHANNEL = 'radiology-drafts';

interface DraftTabOptions<Content extends Sections> {
  userId: string;
  /** What is written: the report of an order, by its id, or a new order. */
  subject: string;
  /** All that any tab leaves, at once or later, as it is one text; or the newest that lies here at the start, as each is its own. */
  takes: 'all' | 'newest';
  /** Called with what a tab has left behind. It stays there until this tab has written or cleared. */
  onLeft: (draft: LocalDraft<Content>) => void;
  /** Called with how many other tabs hold text that is not on the server. */
  onOthers?: (count: number) => void;
}

export class DraftTab<Content extends Sections> {
  private readonly place: string;
  private readonly options: DraftTabOptions<Content>;
  private readonly channel = new BroadcastChannel(CHANNEL);
  private readonly closing = new AbortController();
  /** Places of tabs that are open, or that are being taken over. */
  private readonly awaited = new Set<string>();
  /** What was taken over, and may be removed once it is kept here. */
  private readonly taken = new Map<string, () => void>();
  private release: () => void = () => undefined;

  constructor(options: DraftTabOptions<Content>) {
    this.options = options;
    this.place = `${options.subject}/${crypto.randomUUID()}`;
    this.channel.onmessage = ({ data }) => {
      if (data === options.subject && options.takes === 'all') void this.look().catch(() => undefined);
    };
  }

  /** Take over what is left here. Resolves when `onLeft` was called with it. */
  async open(): Promise<void> {
    void this.lock(this.place, () => new Promise<void>((resolve) => (this.release = resolve)));
    await this.look();
  }

  async write(draft: LocalDraft<Content>): Promise<void> {
    await writeDraft(this.options.userId, this.place, draft);
    await this.settle();
  }

  /** The server has all that is typed here. */
  async clear(): Promise<void> {
    await removeDraft(this.options.userId, this.place);
    await this.settle();
  }

  /** Leave to another tab what is kept here. */
  close(): void {
    this.closing.abort();
    this.channel.close();
    this.release();
    this.taken.forEach((give) => give());
  }

  private async settle(): Promise<void> {
    for (const [place, give] of [...this.taken]) {
      await removeDraft(this.options.userId, place);
      this.taken.delete(place);
      give();
    }
    if (!this.closing.signal.aborted) this.channel.postMessage(this.options.subject);
  }

  private async look(): Promise<void> {
    const { userId, subject, takes } = this.options;
    const places = await placesBelow(userId, subject);
    const others = places.filter((place) => place !== this.place);
    for (const place of others) {
      if (takes === 'newest' && this.taken.size > 0) break;
      if (!this.awaited.has(place)) await this.ask(place);
    }
    this.options.onOthers?.(others.filter((place) => this.awaited.has(place) && !this.taken.has(place)).length);
  }

  /** Take over a place at once if its tab is gone; otherwise, where all is taken, as soon as it goes. */
  private async ask(place: string): Promise<void> {
    this.awaited.add(place);
    await new Promise<void>((asked) => {
      void this.lock(place, () => this.takeOver(place, asked), { ifAvailable: true }).then((isFree) => {
        asked();
        if (!isFree && this.options.takes === 'all') void this.lock(place, () => this.takeOver(place, () => void this.look().catch(() => undefined)));
      });
    });
  }

  private async takeOver(place: string, told: () => void): Promise<void> {
    const draft = await readDraft<Content>(this.options.userId, place);
    if (!draft) this.awaited.delete(place);
    else if (!this.closing.signal.aborted)
      await new Promise<void>((give) => {
        this.taken.set(place, give);
        this.options.onLeft(draft);
        told();
      });
    told();
  }

  /** Resolves when the lock is given back: whether it was had at all. */
  private async lock(place: string, act: () => Promise<void>, { ifAvailable = false } = {}): Promise<boolean> {
    const name = `${CHANNEL}/${this.options.userId}/${place}`;
    const options = ifAvailable ? { ifAvailable } : { signal: this.closing.signal };
    const had = async (lock: Lock | null) => {
      if (lock) await act();
      return lock !== null;
    };
    return navigator.locks.request(name, options, had).catch(() => false);
  }
}
