/**
 * The one WebSocket of a page. It resumes where it was: the last position goes with each connection, the first of all
 * with the first one, and the gateway sends what was missed. Back-off grows to 15 s and never gives up.
 */
export interface LiveMessage {
  type: string;
  position: string;
  data: unknown;
}

export type LiveState = 'connecting' | 'live' | 'lost';

export interface LiveClientOptions {
  url: string;
  /** From where on nothing may be missed: older than whatever the page asks for. */
  position: string;
  onMessage: (message: LiveMessage) => void;
  /** Called when the server cannot say what was missed: everything shown must be asked for again. */
  onGap: () => void;
  /** Resolves when somebody is signed in again, after the server has said that the session is over. */
  signedInAgain: () => Promise<void>;
  makeSocket?: (url: string) => WebSocket;
}

const LONGEST_WAIT_MS = 15_000;
/** The gateway's close code where the session has ended. */
const SIGNED_OUT = 4401;

/** Wait before the n-th attempt; the share of chance keeps a hundred workstations from returning at once. */
export function backOff(attempt: number, chance: number): number {
  return Math.min(LONGEST_WAIT_MS, 500 * 2 ** attempt) * (0.5 + chance / 2);
}

export class LiveClient {
  private socket: WebSocket | null = null;
  private position: string;
  private attempt = 0;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private silence: ReturnType<typeof setTimeout> | undefined;
  private silenceMs = 0;
  private stopped = false;
  private current: LiveState = 'connecting';
  private readonly listeners = new Set<() => void>();
  private readonly options: LiveClientOptions;

  constructor(options: LiveClientOptions) {
    this.options = options;
    this.position = options.position;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getState = (): LiveState => this.current;

  private become(state: LiveState): void {
    if (this.current === state) return;
    this.current = state;
    this.listeners.forEach((tell) => tell());
  }

  start(): void {
    this.stopped = false;
    this.connect();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.silence);
    this.socket?.close();
  }

  /** Try at once, as when the browser says that it is online again. */
  hurry(): void {
    if (this.current === 'live' || this.stopped) return;
    clearTimeout(this.timer);
    this.connect();
  }

  private connect(): void {
    this.socket?.close();
    const { url, makeSocket = (address) => new WebSocket(address) } = this.options;
    const socket = makeSocket(`${url}?position=${encodeURIComponent(this.position)}`);
    this.socket = socket;
    socket.onmessage = (event: MessageEvent<string>) => this.receive(event.data);
    socket.onclose = ({ code }) => {
      if (this.socket !== socket || this.stopped) return;
      this.become('lost');
      if (code === SIGNED_OUT) void this.options.signedInAgain().then(() => this.connectLater());
      else this.connectLater();
    };
  }

  private connectLater(): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.connect(), backOff(this.attempt, Math.random()));
    this.attempt += 1;
  }

  /** A line that died without a word (a laptop's sleep, a proxy) is found by the missing heartbeat. */
  private expectHeartbeat({ heartbeatSeconds }: { heartbeatSeconds?: number }): void {
    if (heartbeatSeconds) this.silenceMs = heartbeatSeconds * 2500;
    clearTimeout(this.silence);
    if (this.silenceMs > 0) this.silence = setTimeout(() => this.socket?.close(), this.silenceMs);
  }

  /** Only now is the line of use: the server also opens one that it refuses, since only then can it say why. */
  private greeted(): void {
    this.attempt = 0;
    this.become('live');
  }

  private receive(text: string): void {
    const message = JSON.parse(text) as Partial<LiveMessage>;
    if (message.position !== undefined && message.position !== null) this.position = String(message.position);
    this.expectHeartbeat(message as { heartbeatSeconds?: number });
    if (message.type === 'hello') this.greeted();
    else if (message.type === 'resync') this.options.onGap();
    else if (message.type && message.data !== undefined) this.options.onMessage(message as LiveMessage);
  }
}
