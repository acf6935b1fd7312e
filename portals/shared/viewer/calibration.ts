/**
 * What one pixel measures, and where: in the patient, at the detector, or nobody knows. Pure.
 *
 * The server has the same rules for the structured report (`ingest_worker/domain/calibration.py`), and
 * `tests/harness/calibration.json` holds both to them. Who is in doubt says pixels.
 */
import type { DicomJson } from './dicom-json';
import { elementOf, firstNumber, firstText, numbers, sequence } from './dicom-json';

/** Column and row on a frame, the first pixel's centre at (0.5, 0.5). */
export type ImagePoint = [number, number];

/** Millimetres between rows, and between columns. */
type Spacing = [number, number];

export interface Scale {
  spacing: Spacing;
  plane: 'patient' | 'detector';
}

export interface Calibration {
  scale: Scale | null;
  /** Ultrasound: each part of the picture has a scale of its own (PS3.3 C.8.5.5), and only they speak. */
  regions: DicomJson[];
  /** What a reader must know of the millimetres on this image; empty for those of the patient. */
  note: string;
}

const STORAGE = '1.2.840.10008.5.1.4.1.1';
/** Radiography with all that is derived from it, angiography, fluoroscopy: a shadow, magnified. */
const PROJECTIONS = [`${STORAGE}.1`, `${STORAGE}.12.1`, `${STORAGE}.12.2`, `${STORAGE}.12.3`];
const CENTIMETRES = 3;
const TWO_DIMENSIONAL = 1;
const SAME = 1e-3;

const calibration = (scale: Scale | null, note: string): Calibration => ({ scale, regions: [], note });

const NOT_CALIBRATED = calibration(null, 'Not calibrated: measured in pixels');

export function calibrationOf(instance: DicomJson, frame: number): Calibration {
  if (isSecondaryCapture(instance)) return calibration(null, 'Secondary capture: measured in pixels');
  const regions = sequence(instance, '00186011');
  if (regions.length > 0) return { scale: null, regions, note: regions.some(regionSpacing) ? '' : NOT_CALIBRATED.note };
  const spacing = spacingOf(instance, frame, '00280030', '00289110');
  const imager = spacingOf(instance, frame, '00181164', '00189443');
  if (imager || isOf(instance, PROJECTIONS)) return ofProjection(instance, spacing, imager ?? spacingOf(instance, frame, '00182010', ''));
  return spacing ? calibration({ spacing, plane: 'patient' }, '') : NOT_CALIBRATED;
}

/** The grid of an image in the coordinates that are drawn in. */
export interface ImagePlane {
  imagePositionPatient: number[];
  rowCosines: number[];
  columnCosines: number[];
  /** Between rows, and between columns. */
  rowPixelSpacing: number;
  columnPixelSpacing: number;
}

const OFF_PLANE_MM = 1;

/** Column and row of a drawn point (PS3.3 C.7.6.2.1.1); null when it does not lie on the image. */
export function pointOn(plane: ImagePlane, world: readonly number[]): ImagePoint | null {
  const offset = world.map((value, axis) => value - (plane.imagePositionPatient[axis] ?? 0));
  const along = (direction: number[]) => offset.reduce((sum, value, axis) => sum + value * (direction[axis] ?? 0), 0);
  const [x, y] = [along(plane.rowCosines), along(plane.columnCosines)];
  if (along(offset) - x * x - y * y > OFF_PLANE_MM ** 2) return null;
  return [x / plane.columnPixelSpacing + 0.5, y / plane.rowPixelSpacing + 0.5];
}

/** The scale at these points of an image; null: pixels. */
export function scaleAt({ scale, regions }: Calibration, points: readonly ImagePoint[]): Scale | null {
  return regions.length > 0 ? inRegion(regions, points) : scale;
}

/** A picture of a screen: whatever spacing it claims is that of the screen (PS3.3 A.8). */
export function isSecondaryCapture(instance: DicomJson): boolean {
  return isOf(instance, [`${STORAGE}.7`]);
}

export function isSpacing(values: number[]): values is Spacing {
  return values.length === 2 && values.every((value) => value > 0);
}

/**
 * Tell a corrected spacing from that of the detector (PS3.3 10.7.1.1): Pixel Spacing counts as corrected only
 * where it says how, or differs from the receptor's own; alone it may be either.
 */
function ofProjection(instance: DicomJson, spacing: Spacing | null, receptor: Spacing | null): Calibration {
  const saysHow = ['GEOMETRY', 'FIDUCIAL'].includes(firstText(instance, '00280A02'));
  if (spacing && (saysHow || (receptor && differ(spacing, receptor)))) {
    return calibration({ spacing, plane: 'patient' }, 'Millimetres of one depth in the patient');
  }
  if (!receptor) return spacing ? calibration(null, 'Spacing of an unknown plane: measured in pixels') : NOT_CALIBRATED;
  const magnification = firstNumber(instance, '00181114') ?? 0;
  if (magnification > 1) {
    const [rows, columns] = receptor;
    return calibration({ spacing: [rows / magnification, columns / magnification], plane: 'patient' }, 'Millimetres by an estimated magnification');
  }
  return calibration({ spacing: receptor, plane: 'detector' }, 'Millimetres at the detector, larger than in the patient');
}

/** All regions that a point touches must say the same: a line that leaves the image for a spectrum has no length. */
function inRegion(regions: DicomJson[], points: readonly ImagePoint[]): Scale | null {
  const found = regions
    .filter((region) => points.some((point) => holds(region, point)))
    .map((region) => (points.every((point) => holds(region, point)) ? regionSpacing(region) : null));
  const [spacing] = found;
  const agree = new Set(found.map((one) => one?.join('\\'))).size === 1;
  return spacing && agree ? { spacing, plane: 'patient' } : null;
}

function holds(region: DicomJson, [x, y]: ImagePoint): boolean {
  const [left = -2, top = -2, right = -2, bottom = -2] = ['00186018', '0018601A', '0018601C', '0018601E'].map((tag) => firstNumber(region, tag));
  return left <= x && x <= right + 1 && top <= y && y <= bottom + 1;
}

function regionSpacing(region: DicomJson): Spacing | null {
  const isImage = firstNumber(region, '00186012') === TWO_DIMENSIONAL;
  const inCentimetres = ['00186024', '00186026'].every((tag) => firstNumber(region, tag) === CENTIMETRES);
  const steps = ['0018602E', '0018602C'].map((tag) => Number((Math.abs(firstNumber(region, tag) ?? 0) * 10).toFixed(9)));
  return isImage && inCentimetres && isSpacing(steps) ? steps : null;
}

function spacingOf(instance: DicomJson, frame: number, tag: string, group: string): Spacing | null {
  const values = numbers(elementOf(instance, frame, tag, group), tag);
  return isSpacing(values) ? values : null;
}

const differ = (one: Spacing, other: Spacing): boolean =>
  Math.abs(one[0] - other[0]) > SAME * other[0] || Math.abs(one[1] - other[1]) > SAME * other[1];

/** Whether the SOP class is one of these, or lies below one in the tree of UIDs. */
function isOf(instance: DicomJson, classes: string[]): boolean {
  const uid = firstText(instance, '00080016');
  return classes.some((one) => uid === one || uid.startsWith(`${one}.`));
}
