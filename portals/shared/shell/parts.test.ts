import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { OfflineError } from '../http/problem';
import { fetched, startAnewOnRelease } from './parts';

const gone = new TypeError('Failed to fetch dynamically imported module: /assets/reports-page.js');

const answering = () => vi.stubGlobal('fetch', vi.fn(() => Promise.resolve(new Response())));
const silent = () => vi.stubGlobal('fetch', vi.fn(() => Promise.reject(new TypeError('Failed to fetch'))));
const aTurn = () => new Promise((done) => setTimeout(done));
const missPart = () => window.dispatchEvent(new Event('vite:preloadError'));

afterEach(() => vi.unstubAllGlobals());

describe('a part that does not come', () => {
  it('is out of reach without a network, so that the page says so and stays', async () => {
    silent();

    await expect(fetched(() => Promise.reject(gone))).rejects.toBeInstanceOf(OfflineError);
  });

  it('is missing where the server answers', async () => {
    answering();

    await expect(fetched(() => Promise.reject(gone))).rejects.toBe(gone);
  });
});

describe('a page that misses a part', () => {
  const reload = vi.fn();

  beforeEach(() => {
    sessionStorage.clear();
    reload.mockReset();
  });

  startAnewOnRelease(reload);

  it('stays as it is without a network: it would not come back', async () => {
    silent();

    missPart();

    await vi.waitFor(() => expect(fetch).toHaveBeenCalled());
    await aTurn();
    expect(reload).not.toHaveBeenCalled();
  });

  it('starts anew with the new release, and not again at once', async () => {
    answering();

    missPart();
    await vi.waitFor(() => expect(reload).toHaveBeenCalledOnce());
    missPart();

    await aTurn();
    expect(reload).toHaveBeenCalledOnce();
  });
});
