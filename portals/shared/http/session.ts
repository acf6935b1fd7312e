/**
 * Whether the cookie session still stands. When it ends, requests wait here while the page shows the
 * sign-in overlay: the form behind it stays as it was.
 */
type Listener = () => void;

class Session {
  private expired = false;
  private person = '';
  private startAnew = (): void => location.reload();
  private waiting: Array<() => void> = [];
  private readonly listeners = new Set<Listener>();

  readonly subscribe = (listener: Listener): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly isExpired = (): boolean => this.expired;

  /** Say whose page this is. When somebody else signs in, it starts anew and nothing that waits is sent. */
  belongsTo(person: string, startAnew = this.startAnew): void {
    this.person = person;
    this.startAnew = startAnew;
  }

  /** Resolves once somebody is signed in: at once when it was done in another window, or after the overlay. */
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
    if (!response?.ok) return false;
    const { id } = (await response.json()) as { id: string };
    if (this.person === '' || id === this.person) return true;
    this.startAnew();
    return false;
  }

  private tell(): void {
    this.listeners.forEach((listener) => listener());
  }
}

export const session = new Session();
