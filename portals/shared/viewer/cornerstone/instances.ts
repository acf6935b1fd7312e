/** What is told of each image beside its pixels: its plane, and what can be measured on it. */
import { metaData } from '@cornerstonejs/core';
import { utilities as metadata } from '@cornerstonejs/metadata';
import type { ImagePlane } from '../calibration';
import { calibrationOf, pointOn } from '../calibration';
import type { DicomJson } from '../dicom-json';
import { firstNumber } from '../dicom-json';
import type { DrawnAnnotation, OnImage } from '../measurements';
import { pixelUnitOf } from '../pixel-unit';

/** What can be told of each frame of an instance; by the image id without its frame. */
const told = new Map<string, Array<Omit<OnImage, 'points'>>>();

const FRAME = /\/frames\/(\d+)$/;

/** Make what an image is known to the loader; once for each instance, under its first frame. */
export async function registerInstance(imageId: string, instance: DicomJson): Promise<void> {
  const frames = Array.from({ length: firstNumber(instance, '00280008') ?? 1 }, (_, index) => ({
    calibration: calibrationOf(instance, index + 1),
    pixelUnit: pixelUnitOf(instance, index + 1),
  }));
  told.set(imageId.replace(FRAME, ''), frames);
  await metadata.addDicomWebInstance(imageId, instance as Record<string, unknown>);
}

/** Where a drawing lies on an image that is known; null where it does not, as on a reformatted plane. */
export function onImage(imageId: string, data: DrawnAnnotation['data']): OnImage | null {
  const frame = told.get(imageId.replace(FRAME, ''))?.[Number(FRAME.exec(imageId)?.[1] ?? 1) - 1];
  const plane = frame && (metaData.get('imagePlaneModule', imageId) as ImagePlane | undefined);
  if (!plane) return null;
  const points = (data.handles?.points ?? []).map((point) => pointOn(plane, point));
  const onPlane = points.filter((point) => point !== null);
  return onPlane.length === points.length ? { points: onPlane, ...frame } : null;
}
