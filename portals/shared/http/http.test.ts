import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { serverClock, serverNow } from '../time/server-clock';
import { portalFetch } from './http';

const asked: Request[] = [];
const look = () => portalFetch('http://gateway.test/api/radiology/worklist');
const background = () => asked.map((request) => request.headers.get('X-Background'));

beforeEach(() => {
  vi.useFakeTimers();
  vi.advanceTimersByTime(1000);
  asked.length = 0;
  vi.stubGlobal('fetch', (request: Request) => {
    asked.push(request);
    return Promise.resolve(new Response());
  });
});
afterEach(() => {
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

it.each(['pointermove', 'keydown', 'wheel', 'input'])('what is asked for after an act (%s) shows that somebody is there', async (act) => {
  window.dispatchEvent(new Event(act));

  await look();

  expect(background()).toEqual([null]);
});

it('what a page asks for by itself, because of a timer or a push, does not keep the session open', async () => {
  window.dispatchEvent(new Event('pointerdown'));
  await look();
  vi.advanceTimersByTime(60_000);

  await look();

  expect(background()).toEqual([null, '1']);
});

it.each([
  ['an answer of the server tells the time', 'no-store', 10 * 60_000],
  ['what the browser kept tells none', 'private, max-age=86400', 0],
])('%s', async (_, cacheControl, ahead) => {
  const date = new Date(Date.now() + 10 * 60_000).toUTCString();
  vi.stubGlobal('fetch', () => Promise.resolve(new Response(null, { headers: { Date: date, 'Cache-Control': cacheControl } })));
  serverClock.hear(new Date(Date.now()).toUTCString(), { askedAt: Date.now(), answeredAt: Date.now() });

  await look();

  expect(Math.abs(serverNow() - Date.now() - ahead)).toBeLessThanOrEqual(2000);
});
