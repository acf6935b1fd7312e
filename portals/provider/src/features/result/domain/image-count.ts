/** How many images there are, in words. An image is what was stored as one; of a clip it is said how many frames it has. */
import type { Study } from '@shared/api/types';

export function imageCount(count: number): string {
  return `${count} ${count === 1 ? 'image' : 'images'}`;
}

export function seriesSize({ numberOfInstances, numberOfFrames }: Pick<Study['series'][number], 'numberOfInstances' | 'numberOfFrames'>): string {
  return numberOfFrames > numberOfInstances ? `${imageCount(numberOfInstances)}, ${numberOfFrames} frames` : imageCount(numberOfInstances);
}
