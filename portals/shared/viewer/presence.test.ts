import { expect, it, vi } from 'vitest';
import { startCornerstone } from './cornerstone';

interface LoaderOptions {
  beforeSend?: () => Record<string, string>;
}
const loader = vi.hoisted(() => ({ init: vi.fn<(options: LoaderOptions) => void>() }));
vi.mock('@cornerstonejs/dicom-image-loader', () => loader);

/** What the loader sends along with its next request for an image. */
const headers = () => loader.init.mock.lastCall?.[0].beforeSend?.();

it('images that are fetched ahead of need do not say that somebody is there; the first one after an act does', async () => {
  await startCornerstone();
  vi.useFakeTimers({ now: Date.now() + 1000 });

  window.dispatchEvent(new Event('wheel'));

  expect(headers()).toEqual({});
  vi.advanceTimersByTime(1000);
  expect(headers()).toEqual({ 'X-Background': '1' });
});
