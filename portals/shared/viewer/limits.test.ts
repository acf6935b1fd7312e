import { expect, it } from 'vitest';
import { imagesAhead, volumeStep } from './limits';

const series = (count: number, side: number) => ({ images: Array<null>(count).fill(null), imageBytes: side * side * 2 });

it('a chest of 1,200 slices is reformatted whole', () => {
  expect(volumeStep(series(1200, 512))).toBe(1);
});

it('a volume that is too large for the memory takes every n-th slice', () => {
  expect([volumeStep(series(1500, 512)), volumeStep(series(1500, 1024))]).toEqual([2, 5]);
});

it('a volume that is too long for a graphics card takes every n-th slice', () => {
  expect(volumeStep(series(2500, 128))).toBe(2);
});

it('1,500 slices are loaded ahead to the last', () => {
  expect(imagesAhead(series(1500, 512))).toBe(1500);
});

it('of a series that does not fit, no more is loaded ahead than stays', () => {
  expect(imagesAhead(series(1500, 1024))).toBe(768);
});
