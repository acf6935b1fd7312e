// @vitest-environment node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ImagePoint } from './calibration';
import { calibrationOf, pointOn } from './calibration';
import type { DicomJson } from './dicom-json';
import type { MeasuredValue, MeasurementKind } from './measurements';
import { measuredValues } from './measurements';

interface Case {
  name: string;
  instance: DicomJson;
  frame: number;
  kind: MeasurementKind;
  points: ImagePoint[];
  values: MeasuredValue[];
  note: string;
}

/** The server's structured report is held to the same cases (`test_calibration.py`). */
const CASES = JSON.parse(readFileSync(join(import.meta.dirname, '../../../tests/harness/calibration.json'), 'utf8')) as Case[];

describe('each image is measured as far as it can be', () => {
  it.each(CASES)('$name', ({ instance, frame, kind, points, values, note }) => {
    const calibration = calibrationOf(instance, frame);

    expect(calibration.note).toBe(note);
    const measured = measuredValues(kind, { points, calibration });
    expect(measured.map(({ name, unit }) => [name, unit])).toEqual(values.map(({ name, unit }) => [name, unit]));
    measured.forEach(({ number }, index) => expect(number).toBeCloseTo(values[index]?.number ?? NaN, 5));
  });
});

describe('a drawn point', () => {
  const axial = { imagePositionPatient: [-25, -25, 0], rowCosines: [1, 0, 0], columnCosines: [0, 1, 0], rowPixelSpacing: 1, columnPixelSpacing: 0.5 };
  const sagittal = { ...axial, imagePositionPatient: [7, -25, 25], rowCosines: [0, 1, 0], columnCosines: [0, 0, -1] };

  it('on the position of the image is the centre of its first pixel', () => {
    expect(pointOn(axial, [-25, -25, 0])).toEqual([0.5, 0.5]);
  });

  it('is counted in columns and rows, which may differ in size', () => {
    expect(pointOn(axial, [-20, -20, 0])).toEqual([10.5, 5.5]);
  });

  it('follows the directions of the image', () => {
    expect(pointOn(sagittal, [7, -10, 20])).toEqual([30.5, 5.5]);
  });

  it('beside the plane is on no pixel', () => {
    expect(pointOn(axial, [0, 0, 5])).toBeNull();
  });
});
