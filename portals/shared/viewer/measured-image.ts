/** The image that a measurement was made on, among those that are listed. Pure. */
import type { DisplaySet } from './display-sets';
import { addressOf } from './display-sets';
import type { MeasurementRecord } from './measurements';
import type { StudyListing } from './study-listing';

export function isOn(record: MeasurementRecord, image: { sopInstanceUid: string; imageId: string }): boolean {
  const address = addressOf(image.imageId);
  return image.sopInstanceUid === record.sopInstanceUid && (address?.frame ?? 1) === (record.frame || 1);
}

/** Series and image by the numbers that the file gives them, so that who opens the study elsewhere finds the image. */
export function numbersOf(record: MeasurementRecord, sets: readonly DisplaySet[]): { series: number; image: number } | null {
  for (const set of sets) {
    const image = set.images.find((candidate) => isOn(record, candidate));
    if (image) return { series: set.seriesNumber, image: image.number };
  }
  return null;
}

/** The prior that a measurement was made on, as `prior CT of 3 Sep 2025`; null on the exam that is read. */
export function priorOf(record: MeasurementRecord, sets: readonly DisplaySet[], studies: readonly StudyListing[]): string | null {
  const { referencedImageId = '', FrameOfReferenceUID } = record.annotation.metadata ?? {};
  const address = addressOf(referencedImageId);
  // A drawing on a reformatted plane has no image; it lies in the space that its volume was scanned in.
  const isIn = (set: DisplaySet) => (address ? set.seriesInstanceUid === address.seriesInstanceUid : set.frameOfReferenceUid === FrameOfReferenceUID);
  const found = sets.filter(isIn).map((set) => ({ modality: set.modality, study: studies.find(({ studyInstanceUid }) => studyInstanceUid === set.studyInstanceUid) }));
  const [first] = found;
  if (!first?.study || !found.every(({ study }) => study?.prior)) return null;
  return `prior ${first.modality} of ${first.study.date}`;
}
