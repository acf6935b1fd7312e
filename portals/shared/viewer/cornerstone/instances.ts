/** What is told of each image beside its pixels: its plane, and what can be measured on it. */
import { metaData } from '@cornerstonejs/core';
import { metaData as library, Enums, utilities } from '@cornerstonejs/metadata';
import type { ImagePlane } from '../calibration';
import { calibrationOf, pointOn } from '../calibration';
import type { DicomJson } from '../dicom-json';
import { firstNumber } from '../dicom-json';
import type { DrawnAnnotation, OnImage } from '../measurements';
import { pixelUnitOf } from '../pixel-unit';

/** What can be told of each frame of an instance; by the image id without its frame. */
const told = new Map<string, Array<Omit<OnImage, 'points'>>>();

/** What the library has not asked for yet; by the image id without its frame. */
const unread = new Map<string, DicomJson>();

const { NATURALIZED } = Enums.MetadataModules;
const FRAME = /\/frames\/(\d+)$/;
const withoutFrame = (imageId: string) => imageId.replace(FRAME, '');

/**
 * Have the library read an instance when it is first asked about it. To read a series of hundreds beforehand
 * would keep its first image waiting for a tenth of a second and more.
 */
export function provideInstances(): void {
  library.addTypedProvider(NATURALIZED, (next, id: string, ...others) => {
    const instance = unread.get(id);
    if (!instance) return next(id, ...others);
    unread.delete(id); // the library keeps what is read here
    return utilities.naturalizeDicomwebMetadata(instance);
  });
}

/** Make what an image is known to the loader; once for each instance, under its first frame. */
export function registerInstance(imageId: string, instance: DicomJson): void {
  const frames = Array.from({ length: firstNumber(instance, '00280008') ?? 1 }, (_, index) => ({
    calibration: calibrationOf(instance, index + 1),
    pixelUnit: pixelUnitOf(instance, index + 1),
  }));
  const id = withoutFrame(imageId);
  told.set(id, frames);
  if (!utilities.hasCacheData(NATURALIZED, id)) unread.set(id, instance);
}

/** Where a drawing lies on an image that is known; null where it does not, as on a reformatted plane. */
export function onImage(imageId: string, data: DrawnAnnotation['data']): OnImage | null {
  const frame = told.get(withoutFrame(imageId))?.[Number(FRAME.exec(imageId)?.[1] ?? 1) - 1];
  const plane = frame && (metaData.get('imagePlaneModule', imageId) as ImagePlane | undefined);
  if (!plane) return null;
  const points = (data.handles?.points ?? []).map((point) => pointOn(plane, point));
  const onPlane = points.filter((point) => point !== null);
  return onPlane.length === points.length ? { points: onPlane, ...frame } : null;
}
