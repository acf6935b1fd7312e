/**
 * Whether the cookie session still stands. When it ends, requests wait here while the page shows the
 * sign-in overlay: the form behind it stays as it was.
 */
type Listener = () => void;

class Session {
  private expired = false;
  private waiting: Array<() => void> = [];
  private readonly listeners = new Set<Listener>();

  readonly subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly isExpired = (): boolean => this.expired;

  /** Resolves once somebody is signed in again: at once by a silent renewal, or after the overlay. */
  async renewed(): Promise<void> {
    if (!this.expired && (await this.probe())) return;
    this.expired = true;
    this.tell();
    await new Promise<void>((resolve) => this.waiting.push(resolve));
  }

  /** Called by the overlay when its sign-in window has come back. */
  async check(): Promise<boolean> {
    if (!(await this.probe())) return false;
    this.expired = false;
    const waiting = this.waiting;
    this.waiting = [];
    waiting.forEach((resolve) => resolve());
    this.tell();
    return true;
  }

  private async probe(): Promise<boolean> {
    const response = await fetch('/api/radiology/me', { credentials: 'same-origin' }).catch(() => null);
    return response?.ok ?? false;
  }

  private tell(): void {
    this.listeners.forEach((listener) => listener());
  }
}

export const session = new Session();
