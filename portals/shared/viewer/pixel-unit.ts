/**
 * The unit in which the pixels of an image can be told, or null where they have no plain meaning. Pure.
 *
 * The server has the same rules (`ingest_worker/domain/pixel_values.py`); `tests/harness/pixel_units.json` holds both to them.
 */
import type { DicomJson } from './dicom-json';
import { elementOf, firstNumber, firstText, numbers } from './dicom-json';

/** In UCUM: Hounsfield, or none. */
export type PixelUnit = "[hnsf'U]" | '1';

const GROUP = '00289145';

export function pixelUnitOf(instance: DicomJson, frame: number): PixelUnit | null {
  const modality = firstText(instance, '00080060');
  if ('00283000' in instance || (firstNumber(instance, '00280002') ?? 1) !== 1) return null;
  if (firstText(instance, '00280004') === 'PALETTE COLOR' || modality === 'PT') return null;
  const told = firstText(elementOf(instance, frame, '00281054', GROUP), '00281054');
  const isRescaled = ['00281053', '00281052'].every((tag) => numbers(elementOf(instance, frame, tag, GROUP), tag).length > 0);
  const isLocalizer = instance['00080008']?.Value?.includes('LOCALIZER') ?? false;
  if (told === 'HU' || (told === '' && isRescaled && modality === 'CT' && !isLocalizer)) return "[hnsf'U]";
  return ['', 'US', 'normalized'].includes(told) ? '1' : null;
}
