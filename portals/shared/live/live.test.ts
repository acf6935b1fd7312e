import { QueryClient } from '@tanstack/react-query';
import { describe, expect, it, vi } from 'vitest';
import { backOff, LiveClient } from './live-client';
import { applySnapshot, PushedLately, refreshAfter } from './snapshots';

class FakeSocket {
  static made: FakeSocket[] = [];
  onclose: ((event: { code: number }) => void) | null = null;
  onmessage: ((event: { data: string }) => void) | null = null;
  readonly url: string;
  constructor(url: string) {
    this.url = url;
    FakeSocket.made.push(this);
  }
  close(code = 1006): void {
    const { onclose } = this;
    this.onclose = null;
    onclose?.({ code });
  }
  say(message: unknown): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }
}

function started() {
  FakeSocket.made = [];
  const onMessage = vi.fn();
  const onGap = vi.fn();
  let signIn = () => {};
  const signedIn = new Promise<void>((resolve) => (signIn = resolve));
  const client = new LiveClient({ url: 'ws://here/live', position: '40', onMessage, onGap, signedInAgain: () => signedIn, makeSocket: (url) => new FakeSocket(url) as unknown as WebSocket });
  client.start();
  return { client, onMessage, onGap, signIn };
}

describe('the live connection', () => {
  it('begins where the page began, so that nothing between its first answer and the connection is missed', () => {
    const { client } = started();

    expect(FakeSocket.made[0]?.url).toBe('ws://here/live?position=40');
    client.stop();
  });

  it('resumes after the last position it has seen', () => {
    vi.useFakeTimers();
    const { client } = started();
    FakeSocket.made[0]?.say({ type: 'order.updated', position: '41', data: {} });

    FakeSocket.made[0]?.close();
    vi.advanceTimersByTime(1000);

    expect(FakeSocket.made[1]?.url).toBe('ws://here/live?position=41');
    client.stop();
    vi.useRealTimers();
  });

  it('waits, when the session has ended, until somebody is signed in again', async () => {
    vi.useFakeTimers();
    const { client, signIn } = started();

    FakeSocket.made[0]?.close(4401);
    vi.advanceTimersByTime(60_000);
    expect([FakeSocket.made.length, client.getState()]).toEqual([1, 'lost']);
    signIn();
    await vi.advanceTimersByTimeAsync(500);

    expect(FakeSocket.made.length).toBe(2);
    client.stop();
    vi.useRealTimers();
  });

  it('says when it is lost and when it is back', () => {
    const { client } = started();
    FakeSocket.made[0]?.say({ type: 'hello', position: '40' });
    expect(client.getState()).toBe('live');

    FakeSocket.made[0]?.close();

    expect(client.getState()).toBe('lost');
    client.stop();
  });

  it('asks for everything again when the server cannot tell what was missed', () => {
    const { client, onGap, onMessage } = started();

    FakeSocket.made[0]?.say({ type: 'resync', position: '90' });

    expect(onGap).toHaveBeenCalledOnce();
    expect(onMessage).not.toHaveBeenCalled();
    client.stop();
  });

  it('notices a line that died without a word', () => {
    vi.useFakeTimers();
    const { client } = started();
    FakeSocket.made[0]?.say({ type: 'hello', position: '1', heartbeatSeconds: 20 });

    vi.advanceTimersByTime(51_000);

    expect(client.getState()).toBe('lost');
    client.stop();
    vi.useRealTimers();
  });

  it('waits longer each time while the server opens the line only to say why it closes it', () => {
    vi.useFakeTimers();
    vi.spyOn(Math, 'random').mockReturnValue(1);
    const { client } = started();

    const waits = [500, 1000, 2000, 4000, 8000, 15_000, 15_000];
    waits.forEach((wait, n) => {
      FakeSocket.made[n]?.close(1013);
      expect(client.getState()).not.toBe('live');
      vi.advanceTimersByTime(wait - 1);
      expect(FakeSocket.made.length).toBe(n + 1);
      vi.advanceTimersByTime(1);
    });
    FakeSocket.made.at(-1)?.say({ type: 'hello', position: '40' });
    FakeSocket.made.at(-1)?.close(1013);
    vi.advanceTimersByTime(500);

    expect(FakeSocket.made.length).toBe(waits.length + 2);
    client.stop();
    vi.restoreAllMocks();
    vi.useRealTimers();
  });

  it('waits longer each time, and never longer than 15 s', () => {
    expect([0, 1, 2, 9].map((attempt) => backOff(attempt, 1))).toEqual([500, 1000, 2000, 15_000]);
  });
});

describe('a pushed snapshot', () => {
  const row = (id: string, version: number, status: string) => ({ id, version, status });

  it('replaces an older row where it stands', () => {
    const client = new QueryClient();
    client.setQueryData(['orders', 'list', {}], { items: [row('a', 1, 'OLD'), row('b', 1, 'OLD')] });

    applySnapshot(client, 'order.updated', row('b', 2, 'NEW'));

    expect(client.getQueryData(['orders', 'list', {}])).toEqual({ items: [row('a', 1, 'OLD'), row('b', 2, 'NEW')] });
  });

  it('that is late changes nothing', () => {
    const client = new QueryClient();
    client.setQueryData(['orders', 'one', 'a'], row('a', 5, 'NEW'));

    applySnapshot(client, 'order.updated', row('a', 4, 'OLD'));

    expect(client.getQueryData(['orders', 'one', 'a'])).toEqual(row('a', 5, 'NEW'));
  });

  it('of something not shown adds no row', () => {
    const client = new QueryClient();
    client.setQueryData(['orders', 'list', {}], { items: [] });

    applySnapshot(client, 'order.updated', row('a', 1, 'NEW'));

    expect(client.getQueryData(['orders', 'list', {}])).toEqual({ items: [] });
  });

  it('of what was opened changes no report', () => {
    const client = new QueryClient();
    client.setQueryData(['reports', 'one', 'r'], row('r', 1, 'FINAL'));

    applySnapshot(client, 'report.opened', { reportId: 'r', version: 2 });

    expect(client.getQueryData(['reports', 'one', 'r'])).toEqual(row('r', 1, 'FINAL'));
  });

  it('of an unknown kind is told to be none', () => {
    expect(applySnapshot(new QueryClient(), 'weather.updated', row('a', 1, 'x'))).toBe(false);
  });
});

describe('a slow answer', () => {
  const row = (id: string, version: number) => ({ id, version, orderId: 'o' });

  function slow(queryKey: unknown[]) {
    const client = new QueryClient();
    const pushed = new PushedLately(client);
    let answer: (data: unknown) => void = () => undefined;
    const queryFn = () => new Promise((resolve) => (answer = resolve));
    const begin = () => client.fetchQuery({ queryKey, queryFn });
    return { client, pushed, begin, answer: (data: unknown) => answer(data) };
  }

  it('does not overwrite the newer version that was pushed meanwhile', async () => {
    const { client, pushed, begin, answer } = slow(['reports', 'one', 'a']);
    client.setQueryData(['reports', 'one', 'a'], row('a', 1));
    const asked = begin();

    pushed.apply('report.updated', row('a', 3));
    answer(row('a', 2));
    await asked;

    expect(client.getQueryData(['reports', 'one', 'a'])).toEqual(row('a', 3));
  });

  it('is brought up to date when it was the first one asked for', async () => {
    const { client, pushed, begin, answer } = slow(['reports', 'one', 'a']);
    const asked = begin();

    pushed.apply('report.updated', row('a', 3));
    answer(row('a', 2));
    await asked;

    expect(client.getQueryData(['reports', 'one', 'a'])).toEqual(row('a', 3));
  });

  it('that there is no report yet does not hide the one that came', async () => {
    const { client, pushed, begin, answer } = slow(['reports', 'of-order', 'o']);
    const asked = begin();

    pushed.apply('report.updated', row('a', 1));
    answer(null);
    await asked;

    expect(client.getQueryData(['reports', 'of-order', 'o'])).toEqual(row('a', 1));
  });

  it('leaves no old row in a list', async () => {
    const { client, pushed, begin, answer } = slow(['orders', 'list', {}]);
    const asked = begin();

    pushed.apply('order.updated', row('a', 3));
    answer({ items: [row('a', 2), row('b', 1)] });
    await asked;

    expect(client.getQueryData(['orders', 'list', {}])).toEqual({ items: [row('a', 3), row('b', 1)] });
  });

  it('that is newer than what was pushed is taken', async () => {
    const { client, pushed, begin, answer } = slow(['reports', 'one', 'a']);
    const asked = begin();

    pushed.apply('report.updated', row('a', 3));
    answer(row('a', 4));
    await asked;

    expect(client.getQueryData(['reports', 'one', 'a'])).toEqual(row('a', 4));
  });

  it('that comes long after the push is taken as it is', async () => {
    vi.useFakeTimers();
    const { client, pushed, begin, answer } = slow(['reports', 'one', 'a']);
    pushed.apply('report.updated', row('a', 3));
    vi.advanceTimersByTime(121_000);
    const asked = begin();
    pushed.apply('report.updated', row('b', 1));

    answer(row('a', 2));
    await asked;

    expect(client.getQueryData(['reports', 'one', 'a'])).toEqual(row('a', 2));
    vi.useRealTimers();
  });
});

it('has a result that was read asked for in the list of orders, too: it stands first there until then', () => {
  const client = new QueryClient();
  const key = ['orders', 'list', 'search', { sort: 'unread' }];
  client.setQueryData(key, { items: [] });

  refreshAfter(client, new Set(['reports']));

  expect(client.getQueryState(key)?.isInvalidated).toBe(true);
});

describe('an open case', () => {
  const opened = (orderId: string, studyInstanceUid: string) => {
    const client = new QueryClient();
    client.setQueryData(['viewer-data', orderId], { studies: [{ studyInstanceUid }] });
    const pushed = new PushedLately(client);
    const isStale = () => client.getQueryState(['viewer-data', orderId])?.isInvalidated;
    return { pushed, isStale };
  };
  const study = (studyInstanceUid: string, orderId: string | null) => ({ id: 's', version: 2, studyInstanceUid, match: { orderId } });

  it.each([
    ['images came to or left its study', study('1.2', 'a'), true],
    ['a study came to it', study('1.3', 'a'), true],
    ['its study went to another exam', study('1.2', 'b'), true],
    ['another study changed', study('1.3', 'b'), false],
  ])('is asked for again when %s', (_, changed, again) => {
    const { pushed, isStale } = opened('a', '1.2');

    pushed.apply('study.updated', changed);

    expect(isStale()).toBe(again);
  });
});
