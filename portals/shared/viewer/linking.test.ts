import { expect, it } from 'vitest';
import type { DisplaySet } from './display-sets';
import { imageBeside, offsetOf } from './linking';
import { seriesOf } from './quiet-stage';

const AXIAL = { normal: [0, 0, 1] as [number, number, number] };
const series = (changes: Partial<DisplaySet> = {}): DisplaySet => ({ ...seriesOf('1.2', 10), ...AXIAL, ...changes });
const shown = (index: number, changes?: Partial<DisplaySet>) => ({ set: series(changes), index });

it('images that show the same place now are linked by how far apart they lie', () => {
  expect(offsetOf(shown(2), shown(7))).toBe(5);
});

it.each([
  ['nothing hangs there', { set: undefined, index: undefined }, 'no position'],
  ['its images have no place', shown(0, { images: [{ ...series().images[0], position: undefined } as never] }), 'no position'],
  ['its images lie in several directions', { set: { ...seriesOf('1.3', 10) }, index: 0 }, 'several directions'],
  ['it is cut in another direction', shown(0, { normal: [1, 0, 0] }), 'different directions, axial and sagittal'],
])('a series is not linked where %s', (_, other, why) => {
  expect(offsetOf(shown(2), other)).toContain(why);
});

it('the series that follows shows the image nearest to the place', () => {
  expect(imageBeside(shown(2), series(), 5)).toBe(7);
  expect(imageBeside(shown(9), series(), 5)).toBe(9);
});

it('nothing follows a cell without an image, and an empty one does not follow', () => {
  expect(imageBeside({ set: series(), index: undefined }, series(), 0)).toBeUndefined();
  expect(imageBeside(shown(2), undefined, 0)).toBeUndefined();
});
