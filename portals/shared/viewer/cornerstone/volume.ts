/** Planes cut through a volume: how much of it has arrived, and how thick a slab is. */
import { CONSTANTS, Enums, eventTarget } from '@cornerstonejs/core';
import type { Types } from '@cornerstonejs/core';

/** Hear how much of a volume is there, from 0 to 1. Returns what ends it, as when all is. */
export function watchVolume(volumeId: string, count: number, told: (share: number) => void): () => void {
  const { IMAGE_VOLUME_MODIFIED, IMAGE_VOLUME_LOADING_COMPLETED } = Enums.Events;
  let arrived = 0;
  const onModified = (event: Event) => {
    const detail = (event as CustomEvent<{ volumeId?: string; framesProcessed?: number }>).detail;
    if (detail.volumeId && detail.volumeId !== volumeId) return;
    arrived = detail.framesProcessed ?? arrived + 1;
    told(Math.min(1, arrived / count));
  };
  const onCompleted = (event: Event) => {
    if ((event as CustomEvent<{ volumeId: string }>).detail.volumeId !== volumeId) return;
    stop();
    told(1);
  };
  const stop = () => {
    eventTarget.removeEventListener(IMAGE_VOLUME_MODIFIED, onModified);
    eventTarget.removeEventListener(IMAGE_VOLUME_LOADING_COMPLETED, onCompleted);
  };
  eventTarget.addEventListener(IMAGE_VOLUME_MODIFIED, onModified);
  eventTarget.addEventListener(IMAGE_VOLUME_LOADING_COMPLETED, onCompleted);
  return stop;
}

/** While a volume arrives the reader sees it grow, and the processor is left to what brings it. */
export const PLANES_DRAWN_EVERY_MS = 500;

/** Act now, unless it was done just before; what is the last of it is done in any case. */
export function atMostEvery(milliseconds: number, act: () => void): (isLast: boolean) => void {
  let actedAt = -Infinity;
  return (isLast) => {
    const now = performance.now();
    if (!isLast && now - actedAt < milliseconds) return;
    actedAt = now;
    act();
  };
}

/** The library's thickness is what it shows on either side of the plane; without a slab it is a hair, never nothing. */
const SIDES = 2;

export function setSlabOf(viewport: Types.IVolumeViewport, millimetres: number): void {
  const thick = millimetres > 0;
  viewport.setBlendMode(thick ? Enums.BlendModes.MAXIMUM_INTENSITY_BLEND : Enums.BlendModes.COMPOSITE);
  if (thick) viewport.setSlabThickness(millimetres / SIDES);
  else viewport.resetSlabThickness();
}

export function slabOf(viewport: Types.IVolumeViewport): number {
  const side = viewport.getSlabThickness();
  return side > CONSTANTS.RENDERING_DEFAULTS.MINIMUM_SLAB_THICKNESS ? side * SIDES : 0;
}
