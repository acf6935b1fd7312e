/**
 * Measurements as they are kept on the server and told in a report. Pure: annotations are taken as the
 * JSON that the drawing library writes, and only what is needed is read from it.
 */
import { addressOf } from './display-sets';

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

/** A measurement as the server keeps it: the drawing, bound to instance and frame, and its words. */
export interface MeasurementRecord {
  uid: string;
  kind: MeasurementKind;
  seriesInstanceUid: string;
  sopInstanceUid: string;
  frame: number;
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

const asUnit = (value: unknown, fallback: string): string => (typeof value === 'string' && value ? value : fallback);

function amount(value: unknown, unit: string, digits = 1): string {
  const number = asNumber(value);
  return number === null ? '' : `${number.toFixed(digits)} ${unit}`;
}

/** `20.0 mm`, `704.1 mm², mean 149.4 HU, SD 12.2`; empty until the value has been computed. */
export function valueText(annotation: DrawnAnnotation): string {
  const stats = firstStats(annotation);
  const unit = asUnit(stats.unit, 'px');
  switch (kindOf(annotation)) {
    case 'length':
      return amount(stats.length, unit);
    case 'bidirectional': {
      const long = amount(stats.length, unit);
      const short = amount(stats.width, unit);
      return long && short ? `${long.replace(` ${unit}`, '')} × ${short}` : '';
    }
    case 'angle':
      return amount(stats.angle, '°').replace(' °', '°');
    case 'ellipse':
    case 'rectangle':
      return areaText(stats);
    case 'arrow':
      return annotation.data.label ?? annotation.data.text ?? '';
    default:
      return '';
  }
}

function areaText(stats: Record<string, unknown>): string {
  const area = amount(stats.area, asUnit(stats.areaUnit, 'px²'));
  const pixelUnit = asUnit(stats.modalityUnit, stats.Modality === 'CT' ? 'HU' : '');
  const mean = amount(stats.mean, pixelUnit);
  const deviation = asNumber(stats.stdDev);
  return [area, mean && `mean ${mean.trim()}`, deviation === null ? '' : `SD ${deviation.toFixed(1)}`].filter(Boolean).join(', ');
}

/** Bind a drawing to its instance; null while it is being drawn, or on a plane without an image. */
export function toRecord(annotation: DrawnAnnotation): MeasurementRecord | null {
  const kind = kindOf(annotation);
  const uid = annotation.annotationUID;
  if (!kind || !uid) return null;
  const address = addressOf(annotation.metadata?.referencedImageId ?? '');
  return {
    uid,
    kind,
    seriesInstanceUid: address?.seriesInstanceUid ?? '',
    sopInstanceUid: address?.sopInstanceUid ?? '',
    frame: address?.frame ?? 0,
    text: valueText(annotation),
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

/** The sentence that one click puts into the findings. */
export function findingSentence(record: MeasurementRecord, place: { series: number; image: number } | null): string {
  const where = place ? ` (series ${place.series}, image ${place.image})` : ' (reformatted plane)';
  const what = record.kind === 'arrow' ? record.text : `${NAMES[record.kind]} ${record.text}`;
  return `${what}${where}.`;
}
