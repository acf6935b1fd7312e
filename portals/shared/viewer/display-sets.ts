/**
 * From the DICOM JSON of a series to what is hung in a viewport. Pure: no network, no Cornerstone.
 *
 * Slices are ordered by their place along the slice normal (PS3.3 C.7.6.2), since Instance Number is a
 * type 2 attribute that scanners fill as they like. It is what an image is called by, wherever it can be told by it.
 */
import { calibrationOf, isSecondaryCapture, isSpacing } from './calibration';
import type { DicomJson } from './dicom-json';
import { firstNumber, firstText, numbers } from './dicom-json';
import type { ImageDirections, Vector3 } from './orientation';
import { areParallel, imageDirections, mainAxis } from './orientation';

const TAG = {
  sopClassUid: '00080016',
  sopInstanceUid: '00080018',
  modality: '00080060',
  seriesDescription: '0008103E',
  cineRate: '00180040',
  frameTime: '00181063',
  frameTimeVector: '00181065',
  recommendedFrameRate: '00082144',
  imagerPixelSpacing: '00181164',
  seriesNumber: '00200011',
  instanceNumber: '00200013',
  patientOrientation: '00200020',
  imagePosition: '00200032',
  imageOrientation: '00200037',
  frameOfReference: '00200052',
  samplesPerPixel: '00280002',
  numberOfFrames: '00280008',
  rows: '00280010',
  columns: '00280011',
  pixelSpacing: '00280030',
  bitsAllocated: '00280100',
  nominalSpacing: '00182010',
} as const;

export interface ImageRef {
  imageId: string;
  sopInstanceUid: string;
  frame: number;
  instanceNumber: number;
  /** What readers call it by: its Instance Number if no other image here has the same, else its place in the stack; of a clip the frame. */
  number: number;
  /** Millimetres along the slice normal; undefined when the image has no place in the patient. */
  position?: number;
  /** Where rows and columns point, of an image without a place. */
  directions?: ImageDirections;
}

export type VolumeVerdict = { possible: true } | { possible: false; reason: string };

export interface DisplaySet {
  id: string;
  studyInstanceUid: string;
  seriesInstanceUid: string;
  modality: string;
  seriesNumber: number;
  description: string;
  images: ImageRef[];
  /** Across the slices, towards the patient's left, back or head; undefined when they have no direction in common. */
  normal?: Vector3;
  /** Milliseconds per frame as the file asks; undefined for what is not a clip. */
  frameTimeMs?: number;
  /** What a reader must know of lengths: pixels, or millimetres of another plane than the patient's. */
  calibrationNote: string;
  volume: VolumeVerdict;
  frameOfReferenceUid: string;
  /** What one image takes in memory. */
  imageBytes: number;
}

export interface SeriesAddress {
  studyInstanceUid: string;
  seriesInstanceUid: string;
}

export function seriesPath({ studyInstanceUid, seriesInstanceUid }: SeriesAddress): string {
  return `/dicom-web/studies/${encodeURIComponent(studyInstanceUid)}/series/${encodeURIComponent(seriesInstanceUid)}`;
}

export function imageIdOf(origin: string, series: SeriesAddress, sopInstanceUid: string, frame: number): string {
  return `wadors:${origin}${seriesPath(series)}/instances/${encodeURIComponent(sopInstanceUid)}/frames/${frame}`;
}

/** The instance and frame that an image id addresses; measurements are bound to them. */
export function addressOf(imageId: string): (SeriesAddress & { sopInstanceUid: string; frame: number }) | null {
  const found = /\/studies\/([^/]+)\/series\/([^/]+)\/instances\/([^/]+)\/frames\/(\d+)/.exec(imageId);
  if (!found) return null;
  const [, studyInstanceUid = '', seriesInstanceUid = '', sopInstanceUid = '', frame = '1'] = found;
  return { studyInstanceUid, seriesInstanceUid, sopInstanceUid, frame: Number(frame) };
}

/**
 * Remove what would lie about size: a spacing of zero (blackens the viewport) and any spacing of a
 * secondary capture, which is a picture of a screen (PS3.3 A.8).
 */
export function withHonestSpacing(instance: DicomJson): DicomJson {
  const isCapture = isSecondaryCapture(instance);
  const dishonest = [TAG.pixelSpacing, TAG.imagerPixelSpacing, TAG.nominalSpacing].filter(
    (tag) => instance[tag] && (isCapture || !isSpacing(numbers(instance, tag))),
  );
  if (dishonest.length === 0) return instance;
  return Object.fromEntries(Object.entries(instance).filter(([tag]) => !dishonest.includes(tag as never)));
}

/** Group the image instances of one series into display sets, each with its images in order. */
export function toDisplaySets(origin: string, series: SeriesAddress, instances: DicomJson[]): DisplaySet[] {
  const images = instances.filter(
    (instance) => firstNumber(instance, TAG.rows) && firstNumber(instance, TAG.columns) && !instance['00420011'],
  );
  const clips = images.filter((instance) => frameCount(instance) > 1);
  const stills = images.filter((instance) => frameCount(instance) === 1);
  const sets = clips.map((clip) => clipSet(origin, series, clip));
  if (stills.length > 0) sets.unshift(stackSet(origin, series, stills));
  return sets;
}

const frameCount = (instance: DicomJson): number => firstNumber(instance, TAG.numberOfFrames) ?? 1;

function common(series: SeriesAddress, instance: DicomJson) {
  return {
    studyInstanceUid: series.studyInstanceUid,
    seriesInstanceUid: series.seriesInstanceUid,
    modality: firstText(instance, TAG.modality),
    seriesNumber: firstNumber(instance, TAG.seriesNumber) ?? 0,
    description: firstText(instance, TAG.seriesDescription),
    calibrationNote: calibrationOf(instance, 1).note,
    frameOfReferenceUid: firstText(instance, TAG.frameOfReference),
    imageBytes: bytesOf(instance),
  };
}

function bytesOf(instance: DicomJson): number {
  const samples = (firstNumber(instance, TAG.rows) ?? 0) * (firstNumber(instance, TAG.columns) ?? 0) * (firstNumber(instance, TAG.samplesPerPixel) ?? 1);
  return (samples * (firstNumber(instance, TAG.bitsAllocated) ?? 16)) / 8;
}

/** Enhanced CT, MR and PET (PS3.3 A.36, A.38, A.56): the frames are slices, whose places are not read. */
const ENHANCED = new Set(['1.2.840.10008.5.1.4.1.1.2.1', '1.2.840.10008.5.1.4.1.1.4.1', '1.2.840.10008.5.1.4.1.1.130']);

function clipSet(origin: string, series: SeriesAddress, clip: DicomJson): DisplaySet {
  const sopInstanceUid = firstText(clip, TAG.sopInstanceUid);
  const instanceNumber = firstNumber(clip, TAG.instanceNumber) ?? 0;
  const images = Array.from({ length: frameCount(clip) }, (_, index) => ({
    imageId: imageIdOf(origin, series, sopInstanceUid, index + 1),
    sopInstanceUid,
    frame: index + 1,
    instanceNumber,
    number: index + 1,
  }));
  const time = frameTimeOf(clip);
  return {
    ...common(series, clip),
    id: `${series.seriesInstanceUid}/${sopInstanceUid}`,
    images,
    ...(time ? { frameTimeMs: time } : {}),
    volume: { possible: false, reason: ENHANCED.has(firstText(clip, TAG.sopClassUid)) ? 'The slices of an enhanced object lie in one file, and are not reformatted here.' : 'A multi-frame clip has no slices to reformat.' },
  };
}

/** Frame Time, else the mean of Frame Time Vector, else a rate (PS3.3 C.7.6.5). */
function frameTimeOf(clip: DicomJson): number | undefined {
  const time = firstNumber(clip, TAG.frameTime);
  if (time && time > 0) return time;
  const vector = numbers(clip, TAG.frameTimeVector).slice(1);
  if (vector.length > 0) return vector.reduce((sum, value) => sum + value, 0) / vector.length;
  const rate = firstNumber(clip, TAG.recommendedFrameRate) ?? firstNumber(clip, TAG.cineRate);
  return rate && rate > 0 ? 1000 / rate : undefined;
}

function stackSet(origin: string, series: SeriesAddress, stills: DicomJson[]): DisplaySet {
  const [first = {}] = stills;
  const normal = commonNormal(stills);
  const placed = stills.map((instance) => {
    const sopInstanceUid = firstText(instance, TAG.sopInstanceUid);
    const position = positionAlong(normal ?? normalOf(instance), instance);
    return {
      imageId: imageIdOf(origin, series, sopInstanceUid, 1),
      sopInstanceUid,
      frame: 1,
      instanceNumber: firstNumber(instance, TAG.instanceNumber) ?? 0,
      ...(position === undefined ? directionsOf(instance) : { position }),
    };
  });
  const images = numbered(inReadingOrder(placed, normal));
  return { ...common(series, first), id: series.seriesInstanceUid, images, ...(normal ? { normal } : {}), volume: volumeVerdict(stills, images) };
}

type Unnumbered = Omit<ImageRef, 'number'>;

function numbered(images: Unnumbered[]): ImageRef[] {
  const numbers = new Set(images.map(({ instanceNumber }) => instanceNumber));
  const isOwn = numbers.size === images.length && !numbers.has(0);
  return images.map((image, index) => ({ ...image, number: isOwn ? image.instanceNumber : index + 1 }));
}

function directionsOf(instance: DicomJson): { directions?: ImageDirections } {
  const directions = imageDirections(instance[TAG.patientOrientation]?.Value ?? []);
  return directions ? { directions } : {};
}

/** Unit vector across the slices, row direction x column direction, turned towards the patient's left, back or head. */
function normalOf(instance: DicomJson): Vector3 | undefined {
  const o = numbers(instance, TAG.imageOrientation);
  if (o.length !== 6) return undefined;
  const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = o;
  const normal: Vector3 = [b * f - c * e, c * d - a * f, a * e - b * d];
  return normal[mainAxis(normal)] < 0 ? [-normal[0], -normal[1], -normal[2]] : normal;
}

/** None in a localizer, which has a few slices of each direction. */
function commonNormal(instances: DicomJson[]): Vector3 | undefined {
  const [first, ...others] = instances.map(normalOf);
  return first && others.every((normal) => normal && areParallel(first, normal)) ? first : undefined;
}

function positionAlong(normal: Vector3 | undefined, instance: DicomJson): number | undefined {
  const [x, y, z] = numbers(instance, TAG.imagePosition);
  if (!normal || x === undefined || y === undefined || z === undefined) return undefined;
  return x * normal[0] + y * normal[1] + z * normal[2];
}

/**
 * By position, as readers expect it: from head to foot, from front to back, from the patient's right to his left.
 * By Instance Number when a position is missing or occurs twice, as in diffusion series where each slice comes
 * once for each b-value, or when there is no direction to go along.
 */
export function inReadingOrder<Image extends Unnumbered>(images: Image[], normal: Vector3 | undefined): Image[] {
  const positions = images.map((image) => image.position);
  const rounded = new Set(positions.map((position) => position?.toFixed(2)));
  const byPosition = normal !== undefined && !positions.includes(undefined) && rounded.size === images.length;
  const onwards = normal && mainAxis(normal) === HEAD ? -1 : 1;
  return [...images].sort((one, other) =>
    byPosition
      ? ((one.position ?? 0) - (other.position ?? 0)) * onwards
      : one.instanceNumber - other.instanceNumber || one.sopInstanceUid.localeCompare(other.sopInstanceUid),
  );
}

const HEAD = 2;

/** Whether slices make a volume, or the sentence to show why they do not. */
function volumeVerdict(instances: DicomJson[], images: ImageRef[]): VolumeVerdict {
  const no = (reason: string): VolumeVerdict => ({ possible: false, reason });
  if (images.length < 5) return no('Too few slices for a reformat.');
  const [first = {}] = instances;
  if ((firstNumber(first, TAG.samplesPerPixel) ?? 1) !== 1) return no('Colour images are not reformatted.');
  const shape = (instance: DicomJson) =>
    JSON.stringify([
      numbers(instance, TAG.imageOrientation).map((value) => value.toFixed(3)),
      firstNumber(instance, TAG.rows),
      firstNumber(instance, TAG.columns),
      numbers(instance, TAG.pixelSpacing).map((value) => value.toFixed(4)),
    ]);
  if (!isSpacing(numbers(first, TAG.pixelSpacing))) return no('Without pixel spacing there is no reformat.');
  if (new Set(instances.map(shape)).size > 1) return no('The slices differ in size or direction.');
  const places = images.map(({ position }) => position ?? NaN).sort((one, other) => one - other);
  const gaps = places.slice(1).map((place, index) => place - (places[index] ?? NaN));
  const smallest = Math.min(...gaps);
  if (!(smallest > 0.01)) return no('Several images lie in one place, or have none.');
  if (Math.max(...gaps) > smallest * 1.2 + 0.02) return no('The slices are not equally spaced; one may be missing.');
  return { possible: true };
}

/** Index of the image whose place is nearest to a wanted one, or -1. */
export function nearestImage(images: readonly ImageRef[], position: number): number {
  let best = -1;
  let distance = Infinity;
  images.forEach((image, index) => {
    const away = Math.abs((image.position ?? Infinity) - position);
    if (away < distance) [best, distance] = [index, away];
  });
  return best;
}
