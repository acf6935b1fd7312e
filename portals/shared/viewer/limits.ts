/** What a page can hold of a series that is too large for it, and what is shown instead. Pure. */
import type { DisplaySet } from './display-sets';

const MEBIBYTE = 1024 * 1024;

/** Pixels of all that is open; above it, what was not looked at for longest is forgotten. */
export const CACHE_BYTES = 2048 * MEBIBYTE;

/** Loaded ahead of one series; the rest of the cache is for what hangs beside it. */
const AHEAD_BYTES = 1536 * MEBIBYTE;

/** A volume lies in memory twice, once in that of the graphics card. */
const VOLUME_BYTES = 640 * MEBIBYTE;

/** What graphics cards have in common, and the drawing by the processor allows, in each direction. */
const VOLUME_PLANES = 2048;

type Sized = { images: readonly unknown[] } & Pick<DisplaySet, 'imageBytes'>;

/** A volume is built from every n-th slice: of all where there is room. */
export function volumeStep({ images, imageBytes }: Sized): number {
  return Math.max(1, Math.ceil((images.length * imageBytes) / VOLUME_BYTES), Math.ceil(images.length / VOLUME_PLANES));
}

/** How many images of a series are loaded ahead. More would push out those that came first, which are the nearest. */
export function imagesAhead({ images, imageBytes }: Sized): number {
  return Math.min(images.length, Math.floor(AHEAD_BYTES / Math.max(1, imageBytes)));
}
