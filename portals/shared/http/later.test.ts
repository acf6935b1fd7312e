import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { later } from './later';
import { mayPass, OfflineError, ProblemError } from './problem';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('tries again after a while', async () => {
  const waited = vi.fn();
  void later(0).then(waited);

  await vi.advanceTimersByTimeAsync(600);

  expect(waited).toHaveBeenCalledOnce();
});

it('tries again at once when the browser is online', async () => {
  const waited = vi.fn();
  void later(9).then(waited);

  window.dispatchEvent(new Event('online'));
  await vi.advanceTimersByTimeAsync(0);

  expect(waited).toHaveBeenCalledOnce();
});

it.each([
  ['no network', new OfflineError(), true],
  ['a system that is not ready', new ProblemError({ status: 503, code: 'unavailable', title: '', detail: '' }), true],
  ['a refusal', new ProblemError({ status: 409, code: 'conflict', title: '', detail: '' }), false],
  ['a fault of the page', new TypeError('no function'), false],
])('knows what may pass: %s', (_, error, passes) => {
  expect(mayPass(error)).toBe(passes);
});
