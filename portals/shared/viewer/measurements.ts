/**
 * Measurements as they are kept on the server and told in a report. Pure: annotations are taken as the
 * JSON that the drawing library writes, and only what is needed is read from it.
 */
import type { Calibration, ImagePoint } from './calibration';
import { scaleAt } from './calibration';
import { addressOf } from './display-sets';
import type { PixelUnit } from './pixel-unit';

type Point = [number, number, number];

/** What is read of an annotation; the rest is carried along untouched. */
export interface DrawnAnnotation {
  annotationUID?: string;
  isLocked?: boolean;
  isVisible?: boolean;
  metadata?: {
    toolName?: string;
    referencedImageId?: string;
    FrameOfReferenceUID?: string;
    viewPlaneNormal?: Point;
    [key: string]: unknown;
  };
  data: {
    label?: string;
    text?: string;
    handles?: { points?: Point[]; [key: string]: unknown };
    cachedStats?: Record<string, Record<string, unknown>>;
    [key: string]: unknown;
  };
  [key: string]: unknown;
}

/** Where a drawing lies on its image, and what a pixel measures there. */
export interface OnImage {
  points: ImagePoint[];
  calibration: Calibration;
  /** Null: the pixels of an area say nothing that could be told. */
  pixelUnit: PixelUnit | null;
}

/** A number with its unit in UCUM, as the structured report tells it. */
export interface MeasuredValue {
  name: 'length' | 'angle' | 'long_axis' | 'short_axis' | 'area' | 'mean' | 'standard_deviation' | 'minimum' | 'maximum';
  number: number;
  unit: string;
}

/** A measurement as the server keeps it: the drawing, bound to instance and frame, its values and words. */
export interface MeasurementRecord {
  uid: string;
  kind: MeasurementKind;
  /** The exam's, or a prior's with which it is compared; empty on a plane without an image. */
  studyInstanceUid: string;
  seriesInstanceUid: string;
  sopInstanceUid: string;
  frame: number;
  /** Empty on a plane without an image. */
  points: ImagePoint[];
  values: MeasuredValue[];
  text: string;
  annotation: DrawnAnnotation;
}

const KINDS = {
  Length: 'length',
  Angle: 'angle',
  Bidirectional: 'bidirectional',
  EllipticalROI: 'ellipse',
  RectangleROI: 'rectangle',
  ArrowAnnotate: 'arrow',
} as const;

export type MeasurementKind = (typeof KINDS)[keyof typeof KINDS];

const NAMES: Record<MeasurementKind, string> = {
  length: 'Length',
  angle: 'Angle',
  bidirectional: 'Long × short axis',
  ellipse: 'Ellipse',
  rectangle: 'Rectangle',
  arrow: 'Arrow',
};

export function kindOf(annotation: DrawnAnnotation): MeasurementKind | null {
  const tool = annotation.metadata?.toolName ?? '';
  return tool in KINDS ? KINDS[tool as keyof typeof KINDS] : null;
}

export function measurementName(kind: MeasurementKind): string {
  return NAMES[kind];
}

function firstStats(annotation: DrawnAnnotation): Record<string, unknown> {
  return Object.values(annotation.data.cachedStats ?? {})[0] ?? {};
}

const asNumber = (value: unknown): number | null => {
  const first: unknown = Array.isArray(value) ? value[0] : value;
  return typeof first === 'number' && Number.isFinite(first) ? first : null;
};

const UNITS = {
  patient: { length: 'mm', area: 'mm2' },
  detector: { length: 'mm{detector}', area: 'mm2{detector}' },
  none: { length: '{pixels}', area: '{square_pixels}' },
} as const;

const WORDS: Record<string, string> = {
  mm: 'mm',
  mm2: 'mm²',
  deg: '°',
  'mm{detector}': 'mm at the detector',
  'mm2{detector}': 'mm² at the detector',
  '{pixels}': 'px',
  '{square_pixels}': 'px²',
  "[hnsf'U]": 'HU',
  '1': '',
};

const STATISTICS: Array<MeasuredValue['name']> = ['mean', 'standard_deviation', 'minimum', 'maximum'];

const distance = ([x, y]: ImagePoint, [otherX, otherY]: ImagePoint): number => Math.hypot(x - otherX, y - otherY);

/** What a drawing measures on its image; the server computes the same for the structured report. */
export function measuredValues(kind: MeasurementKind, { points, calibration }: Pick<OnImage, 'points' | 'calibration'>): MeasuredValue[] {
  const scale = scaleAt(calibration, points);
  const [rows, columns] = scale?.spacing ?? [1, 1];
  const { length, area } = UNITS[scale?.plane ?? 'none'];
  const [a, b, c, d] = points.map(([x, y]): ImagePoint => [x * columns, y * rows]);
  if (kind === 'arrow' || !a || !b) return [];
  if (kind === 'length') return [{ name: 'length', number: distance(a, b), unit: length }];
  if (!c) return [];
  if (kind === 'angle') return [{ name: 'angle', number: angleAt(b, a, c), unit: 'deg' }];
  if (!d) return [];
  if (kind === 'rectangle') return [{ name: 'area', number: distance(a, b) * distance(a, c), unit: area }];
  const axes = [distance(a, b), distance(c, d)];
  if (kind === 'ellipse') return [{ name: 'area', number: (Math.PI / 4) * distance(a, b) * distance(c, d), unit: area }];
  return [
    { name: 'long_axis', number: Math.max(...axes), unit: length },
    { name: 'short_axis', number: Math.min(...axes), unit: length },
  ];
}

function angleAt([x, y]: ImagePoint, one: ImagePoint, other: ImagePoint): number {
  const turn = Math.atan2(one[1] - y, one[0] - x) - Math.atan2(other[1] - y, other[0] - x);
  const degrees = Math.abs((turn * 180) / Math.PI) % 360;
  return Math.min(degrees, 360 - degrees);
}

/** On a reformatted plane, which is no image: the volume that it cuts is in millimetres of the patient. */
function valuesOfVolume(kind: MeasurementKind, stats: Record<string, unknown>): MeasuredValue[] {
  const told = (name: MeasuredValue['name'], value: unknown, unit: string): MeasuredValue[] => {
    const number = asNumber(value);
    return number === null ? [] : [{ name, number, unit }];
  };
  switch (kind) {
    case 'length':
      return told('length', stats.length, 'mm');
    case 'angle':
      return told('angle', stats.angle, 'deg');
    case 'bidirectional':
      return [...told('long_axis', stats.length, 'mm'), ...told('short_axis', stats.width, 'mm')];
    case 'ellipse':
    case 'rectangle':
      return told('area', stats.area, 'mm2');
    case 'arrow':
      return [];
  }
}

/** Of the pixels in an area, as the drawing library found them; a volume is of one modality and says its unit. */
function statistics(stats: Record<string, unknown>, on: OnImage | null): MeasuredValue[] {
  const unit = on ? on.pixelUnit : stats.modalityUnit === 'HU' ? "[hnsf'U]" : '1';
  if (unit === null) return [];
  const found = { mean: stats.mean, standard_deviation: stats.stdDev, minimum: stats.min, maximum: stats.max };
  return Object.entries(found).flatMap(([name, value]) => {
    const number = asNumber(value);
    return number === null ? [] : [{ name: name as keyof typeof found, number, unit }];
  });
}

function valuesOf(annotation: DrawnAnnotation, kind: MeasurementKind, on: OnImage | null): MeasuredValue[] {
  const stats = firstStats(annotation);
  const values = on ? measuredValues(kind, on) : valuesOfVolume(kind, stats);
  return [...values, ...(kind === 'ellipse' || kind === 'rectangle' ? statistics(stats, on) : [])];
}

function amounts(values: MeasuredValue[]): string {
  const [{ unit } = { unit: '' }] = values;
  const numbers = values.map(({ number }) => number.toFixed(1)).join(' × ');
  return unit === 'deg' ? `${numbers}°` : `${numbers} ${WORDS[unit] ?? unit}`.trim();
}

/** `20.0 mm`, `704.1 mm², mean 149.4 HU, SD 12.2`; empty until the value has been computed. */
export function valueText(annotation: DrawnAnnotation, on: OnImage | null): string {
  const kind = kindOf(annotation);
  if (kind === 'arrow') return annotation.data.label ?? annotation.data.text ?? '';
  const values = kind ? valuesOf(annotation, kind, on) : [];
  const [mean, deviation] = ['mean', 'standard_deviation'].map((wanted) => values.find(({ name }) => name === wanted));
  const sizes = values.filter(({ name }) => !STATISTICS.includes(name));
  if (sizes.length === 0) return '';
  return [amounts(sizes), mean && `mean ${amounts([mean])}`, deviation && `SD ${deviation.number.toFixed(1)}`].filter(Boolean).join(', ');
}

/** Bind a drawing to its instance; null for what is no measurement. */
export function toRecord(annotation: DrawnAnnotation, on: OnImage | null): MeasurementRecord | null {
  const kind = kindOf(annotation);
  const uid = annotation.annotationUID;
  if (!kind || !uid) return null;
  const address = addressOf(annotation.metadata?.referencedImageId ?? '');
  return {
    uid,
    kind,
    studyInstanceUid: address?.studyInstanceUid ?? '',
    seriesInstanceUid: address?.seriesInstanceUid ?? '',
    sopInstanceUid: address?.sopInstanceUid ?? '',
    frame: address?.frame ?? 0,
    points: on?.points ?? [],
    values: valuesOf(annotation, kind, on),
    text: valueText(annotation, on),
    annotation: portable(annotation),
  };
}

/** The host of this page is not part of a measurement: image ids are kept from their path on. */
function portable(annotation: DrawnAnnotation): DrawnAnnotation {
  return JSON.parse(
    JSON.stringify(annotation, (_key, value: unknown) =>
      typeof value === 'string' ? value.replace(/wadors:[a-z]+:\/\/[^/]+\//g, 'wadors:/') : value,
    ).replace(/wadors:[a-z]+:\/\/[^/"]+\//g, 'wadors:/'),
  ) as DrawnAnnotation;
}

/** Inverse of what `toRecord` did to the image ids, for the page's own origin. */
export function restored(record: MeasurementRecord, origin: string): DrawnAnnotation {
  return JSON.parse(JSON.stringify(record.annotation).replaceAll('wadors:/dicom-web', `wadors:${origin}/dicom-web`)) as DrawnAnnotation;
}

/** Whether two records say the same of a measurement; what the drawing library keeps beside it does not count. */
export function saysSame(one: MeasurementRecord | undefined, other: MeasurementRecord | undefined): boolean {
  return JSON.stringify(one && said(one)) === JSON.stringify(other && said(other));
}

const said = ({ uid, text, annotation }: MeasurementRecord) => [uid, text, annotation.data.handles?.points];

/**
 * Bring together what was drawn in two places, both going on from `base`: what either drew, changed or removed
 * is so. Where both did it to one measurement, mine holds, and what I removed stays removed.
 */
export function mergeMeasurements(base: MeasurementRecord[], mine: MeasurementRecord[], theirs: MeasurementRecord[]): MeasurementRecord[] {
  const [before, here, there] = [base, mine, theirs].map((records) => new Map(records.map((record) => [record.uid, record])));
  const uids = new Set([...theirs, ...mine].map(({ uid }) => uid));
  return [...uids].flatMap((uid) => {
    const [was, own, other] = [before?.get(uid), here?.get(uid), there?.get(uid)];
    const kept = saysSame(own, was) ? other : own;
    return kept ? [kept] : [];
  });
}

interface ImagePlace {
  series: number;
  image: number;
}

/** Where a measurement lies, as a report names it: on a prior, on which. */
export function placeWords(place: ImagePlace | null, prior: string | null): string {
  return [prior, place ? `series ${place.series}, image ${place.image}` : 'reformatted plane'].filter(Boolean).join(', ');
}

/** The sentence that one click puts into the findings. */
export function findingSentence(record: MeasurementRecord, place: ImagePlace | null, prior: string | null = null): string {
  const what = record.kind === 'arrow' ? record.text : `${NAMES[record.kind]} ${record.text}`;
  return `${what} (${placeWords(place, prior)}).`;
}
