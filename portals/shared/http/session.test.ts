import { afterEach, expect, it, vi } from 'vitest';
import { session } from './session';

const signedInAs = (id: string | null) => vi.stubGlobal('fetch', () => Promise.resolve(id === null ? new Response('', { status: 401 }) : Response.json({ id })));

afterEach(() => vi.unstubAllGlobals());

it('lets what waited go on when the same person signs in again', async () => {
  session.belongsTo('adams');
  signedInAs(null);
  const waiting = session.renewed();
  await vi.waitFor(() => expect(session.isExpired()).toBe(true));

  signedInAs('adams');

  expect(await session.check()).toBe(true);
  await waiting;
});

it('sends nothing in the name of somebody else, but starts anew', async () => {
  const startAnew = vi.fn();
  const sent = vi.fn();
  session.belongsTo('adams', startAnew);
  signedInAs(null);
  void session.renewed().then(sent);
  await vi.waitFor(() => expect(session.isExpired()).toBe(true));

  signedInAs('baker');

  expect(await session.check()).toBe(false);
  expect(startAnew).toHaveBeenCalledOnce();
  expect(sent).not.toHaveBeenCalled();
});
