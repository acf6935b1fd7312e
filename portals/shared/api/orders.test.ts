import { afterEach, expect, it, vi } from 'vitest';
import { client } from './generated/client.gen';
import { releaseAtOnce } from './orders';

afterEach(() => void vi.unstubAllGlobals());

it('a case that a closing page gives back outlives the page, with its guards', async () => {
  const asked: Request[] = [];
  vi.stubGlobal('fetch', (request: Request) => {
    asked.push(request);
    return Promise.resolve(Response.json({}));
  });
  document.cookie = 'csrf=secret';
  client.setConfig({ baseUrl: 'http://gateway.test' });

  await releaseAtOnce({ id: 'order', version: 4 });

  const [request] = asked;
  expect(request?.url).toMatch(/\/orders\/order\/release$/);
  expect(request?.keepalive).toBe(true);
  expect([request?.headers.get('If-Match'), request?.headers.get('X-CSRF-Token')]).toEqual(['"4"', 'secret']);
});
