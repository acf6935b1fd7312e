import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { atMostEvery } from './volume';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it('planes are drawn with the first slice, now and then while the others come, and with the last', () => {
  const drawn: number[] = [];
  let slice = 0;
  const draw = atMostEvery(500, () => drawn.push(slice));

  for (slice = 1; slice <= 10; slice += 1) {
    draw(slice === 10);
    vi.advanceTimersByTime(200);
  }

  expect(drawn).toEqual([1, 4, 7, 10]);
});

it('the last slice is drawn however soon it comes', () => {
  const act = vi.fn();
  const draw = atMostEvery(500, act);

  draw(false);
  draw(false);
  draw(true);

  expect(act).toHaveBeenCalledTimes(2);
});
