import { beforeEach, expect, it, vi } from 'vitest';
import { opened } from './opened';

beforeEach(() => localStorage.clear());

it('keeps what somebody opened apart from what others did', () => {
  opened.add('smith', ['a']);

  expect([[...opened.of('smith')], [...opened.of('jones')]]).toEqual([['a'], []]);
});

it('tells whoever listens, once for each change', () => {
  const told = vi.fn();
  const stop = opened.subscribe(told);
  opened.add('adams', ['a']);
  opened.add('adams', ['a']);
  stop();

  expect(told).toHaveBeenCalledTimes(1);
});

it('forgets after two months', () => {
  opened.add('baker', ['old'], 0);
  opened.add('baker', ['new'], 61 * 86_400_000);

  expect([...opened.of('baker')]).toEqual(['new']);
});
