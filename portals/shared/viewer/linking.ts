/** Two series that are scrolled together: which image of one shows the place of the other. Pure. */
import type { DisplaySet } from './display-sets';
import { nearestImage } from './display-sets';
import { areAlike, planeName } from './orientation';

/** What hangs in a cell, and which of its images is shown. */
export interface Shown {
  set: DisplaySet | undefined;
  index: number | undefined;
}

const positionOf = ({ set, index }: Shown): number | undefined => (index === undefined ? undefined : set?.images[index]?.position);

/** How far the second series lies behind the first, mm, where both show the same place now; in words why they cannot be linked. */
export function offsetOf(one: Shown, other: Shown): number | string {
  const [from, to] = [positionOf(one), positionOf(other)];
  if (from === undefined || to === undefined) return 'These images have no position to be linked by.';
  const [normal, otherNormal] = [one.set?.normal, other.set?.normal];
  if (!normal || !otherNormal) return 'The images of one of these series lie in several directions: they cannot be scrolled together.';
  if (!areAlike(normal, otherNormal)) {
    return `These series are cut in different directions, ${planeName(normal)} and ${planeName(otherNormal)}: no image of one shows the place of the other.`;
  }
  return to - from;
}

/** The image of the series that follows; undefined where none is shown to follow. */
export function imageBeside(leader: Shown, follower: DisplaySet | undefined, offset: number): number | undefined {
  const position = positionOf(leader);
  const index = position === undefined || !follower ? -1 : nearestImage(follower.images, position + offset);
  return index < 0 ? undefined : index;
}
