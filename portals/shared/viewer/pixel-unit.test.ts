// @vitest-environment node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { DicomJson } from './dicom-json';
import { pixelUnitOf } from './pixel-unit';

/** The server's structured report is held to the same cases (`test_pixel_statistics.py`). */
const CASES = JSON.parse(readFileSync(join(import.meta.dirname, '../../../tests/harness/pixel_units.json'), 'utf8')) as Array<{
  name: string;
  instance: DicomJson;
  unit: string | null;
}>;

describe('the pixels of an image are told in the unit that it says', () => {
  it.each(CASES)('$name', ({ instance, unit }) => {
    expect(pixelUnitOf(instance, 1)).toBe(unit);
  });
});
