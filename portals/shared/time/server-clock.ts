/**
 * The time of the server, whatever the workstation's clock says: deadlines are the server's, and nothing may be shown as
 * overdue, or as in time, because a clock on a desk is wrong. Each answer of the server tells its time.
 */
interface Call {
  askedAt: number;
  answeredAt: number;
}

/** A `Date` header has whole seconds, and is written anew once a second. */
const COARSENESS_MS = 2000;

export class ServerClock {
  /** By how much the server is ahead of this workstation. */
  private ahead = 0;

  /** The server's time at a time of this workstation. */
  readonly at = (here: number): number => here + this.ahead;

  /**
   * Take what an answer tells: the server's clock was between `date` and a little later, at some moment of the call. Only a clock
   * outside of that is moved, and no further than into it, so that a slow answer does harm to none and no display trembles.
   */
  hear(date: string | null, { askedAt, answeredAt }: Call): void {
    const told = Date.parse(date ?? '');
    if (Number.isNaN(told)) return;
    const [least, most] = [told - answeredAt, told + COARSENESS_MS - askedAt];
    this.ahead = Math.min(most, Math.max(least, this.ahead));
  }
}

export const serverClock = new ServerClock();

/** What time it is, by the server. Only what concerns this browser alone, as how old a draft is, follows `Date.now()`. */
export const serverNow = (): number => serverClock.at(Date.now());
