import { describe, expect, it } from 'vitest';
import type { Calibration, ImagePoint } from './calibration';
import { calibrationOf } from './calibration';
import type { DicomJson } from './dicom-json';
import { addressOf, imageIdOf, inReadingOrder, nearestImage, toDisplaySets, withHonestSpacing } from './display-sets';
import type { DrawnAnnotation, OnImage } from './measurements';
import { findingSentence, restored, toRecord, valueText } from './measurements';
import { directionLetters, edgeLetters, imageDirections, projectionLetters } from './orientation';

const series = { studyInstanceUid: '1.2', seriesInstanceUid: '1.2.3' };
const origin = 'http://here';

const slice = (number: number, z: number, extra: DicomJson = {}): DicomJson => ({
  '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2'] },
  '00080018': { vr: 'UI', Value: [`1.9.${number}`] },
  '00080060': { vr: 'CS', Value: ['CT'] },
  '00200013': { vr: 'IS', Value: [number] },
  '00200032': { vr: 'DS', Value: [0, 0, z] },
  '00200037': { vr: 'DS', Value: [1, 0, 0, 0, 1, 0] },
  '00280002': { vr: 'US', Value: [1] },
  '00280010': { vr: 'US', Value: [512] },
  '00280011': { vr: 'US', Value: [512] },
  '00280030': { vr: 'DS', Value: [0.7, 0.7] },
  '00280100': { vr: 'US', Value: [16] },
  ...extra,
});
const stack = (instances: DicomJson[]) => toDisplaySets(origin, series, instances)[0];
const volume = Array.from({ length: 6 }, (_, index) => slice(6 - index, index));

describe('a series', () => {
  const order = (instances: DicomJson[]) => stack(instances)?.images.map(({ instanceNumber }) => instanceNumber);
  const cut = (orientation: number[], along: (step: number) => number[]) =>
    Array.from({ length: 6 }, (_, step) => slice(step + 1, 0, { '00200037': { vr: 'DS', Value: orientation }, '00200032': { vr: 'DS', Value: along(step) } }));

  it('is ordered by place in the patient, not by instance number', () => {
    const shuffled = [3, 1, 2].map((number, index) => slice(number, index));

    expect(order(shuffled)).toEqual([2, 1, 3]);
  });

  it('is read from head to foot, however it was scanned and whichever way its slices look', () => {
    expect(order(volume)).toEqual([1, 2, 3, 4, 5, 6]);
    expect(order(cut([1, 0, 0, 0, -1, 0], (step) => [0, 0, step]))).toEqual([6, 5, 4, 3, 2, 1]);
  });

  it('is read from front to back, or from right to left, where it is cut so', () => {
    expect(order(cut([1, 0, 0, 0, 0, -1], (step) => [0, step, 0]))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(order(cut([0, 1, 0, 0, 0, -1], (step) => [step, 0, 0]))).toEqual([1, 2, 3, 4, 5, 6]);
    expect(stack(cut([0, 1, 0, 0, 0, -1], (step) => [step, 0, 0]))?.volume).toEqual({ possible: true });
  });

  it('of several directions, as a localizer, is ordered by number and has no direction of its own', () => {
    const localizer = [...cut([0, 1, 0, 0, 0, -1], (step) => [9 - step, 0, 0]).slice(0, 3), slice(4, 5), slice(5, 4)];

    expect(order(localizer)).toEqual([1, 2, 3, 4, 5]);
    expect(stack(localizer)?.normal).toBeUndefined();
    expect(stack(volume)?.normal).toEqual([0, 0, 1]);
  });

  it('is ordered by number when places repeat, as in diffusion', () => {
    const images = [3, 1, 2].map((instanceNumber) => ({ imageId: '', sopInstanceUid: String(instanceNumber), frame: 1, instanceNumber, position: 5 }));

    expect(inReadingOrder(images, [0, 0, 1]).map(({ instanceNumber }) => instanceNumber)).toEqual([1, 2, 3]);
  });

  it('calls its images by their instance numbers', () => {
    const later = Array.from({ length: 3 }, (_, index) => slice(101 + index, index));

    expect(stack(later)?.images.map(({ number }) => number)).toEqual([103, 102, 101]);
  });

  it('calls its images by their place when instance numbers are missing or given twice', () => {
    const numbers = (instances: DicomJson[]) => stack(instances)?.images.map(({ number }) => number);
    const unnumbered = volume.map((instance) => Object.fromEntries(Object.entries(instance).filter(([tag]) => tag !== '00200013')));
    const twice = volume.map((instance) => ({ ...instance, '00200013': { vr: 'IS', Value: [7] } }));

    expect([numbers(unnumbered), numbers(twice)]).toEqual([[1, 2, 3, 4, 5, 6], [1, 2, 3, 4, 5, 6]]);
  });

  it('of equal slices makes a volume', () => {
    expect(stack(volume)?.volume).toEqual({ possible: true });
    expect(stack(volume)?.imageBytes).toBe(512 * 512 * 2);
  });

  it('with a missing slice makes none, and says why', () => {
    expect(stack(volume.filter((_, index) => index !== 3))?.volume).toMatchObject({ possible: false, reason: expect.stringContaining('equally spaced') as string });
  });

  it('with a localizer in it makes none', () => {
    const localizer = slice(9, 30, { '00200037': { vr: 'DS', Value: [0, 1, 0, 0, 0, -1] } });

    expect(stack([...volume, localizer])?.volume).toMatchObject({ possible: false });
  });

  it('of a clip plays at the rate of the file', () => {
    const clip = slice(1, 0, { '00280008': { vr: 'IS', Value: [60] }, '00181063': { vr: 'DS', Value: [40] } });

    expect(stack([clip])).toMatchObject({ frameTimeMs: 40, volume: { possible: false } });
    expect(stack([clip])?.images).toHaveLength(60);
  });

  it('in one enhanced object is not called a clip without slices', () => {
    const reason = (sopClass: string) => {
      const set = stack([slice(1, 0, { '00080016': { vr: 'UI', Value: [sopClass] }, '00280008': { vr: 'IS', Value: [60] } })]);
      return set?.volume.possible === false && set.volume.reason;
    };

    expect(reason('1.2.840.10008.5.1.4.1.1.2.1')).toContain('enhanced object');
    expect(reason('1.2.840.10008.5.1.4.1.1.3.1')).toContain('clip');
  });

  it('leaves out what is no image', () => {
    expect(toDisplaySets(origin, series, [{ '00080018': { vr: 'UI', Value: ['1.9'] } }])).toEqual([]);
  });
});

describe('honest units', () => {
  const capture = slice(1, 0, { '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.7'] } });

  it('a secondary capture loses its spacing and says pixels', () => {
    const honest = withHonestSpacing(capture);

    expect(honest['00280030']).toBeUndefined();
    expect(stack([honest])?.calibrationNote).toMatch(/pixels/);
  });

  it('a spacing of zero is none', () => {
    expect(withHonestSpacing(slice(1, 0, { '00280030': { vr: 'DS', Value: [0, 0] } }))['00280030']).toBeUndefined();
  });

  it('a calibrated image is left as it is', () => {
    expect(stack(volume)?.calibrationNote).toBe('');
  });
});

describe('places', () => {
  it('the nearest image of another series is found', () => {
    const images = [0, 2, 4].map((position) => ({ imageId: '', sopInstanceUid: '', frame: 1, instanceNumber: 0, number: 1, position }));

    expect([nearestImage(images, 3.1), nearestImage(images, -9), nearestImage([], 1)]).toEqual([2, 0, -1]);
  });

  it('an image id and its address are inverse', () => {
    expect(addressOf(imageIdOf(origin, series, '1.9.4', 7))).toEqual({ ...series, sopInstanceUid: '1.9.4', frame: 7 });
  });
});

describe('letters at the edges', () => {
  it('name the patient’s sides of an axial slice', () => {
    expect(edgeLetters([0, -1, 0], [0, 0, -1])).toEqual({ top: 'A', right: 'L', bottom: 'P', left: 'R' });
  });

  it('name two directions when the plane is oblique', () => {
    expect(directionLetters([0.6, 0.8, 0])).toBe('PL');
  });
});

describe('a measurement', () => {
  const drawn = (toolName: string, stats: Record<string, unknown> = {}, imageId = imageIdOf(origin, series, '1.9.4', 1)): DrawnAnnotation => ({
    annotationUID: 'u',
    metadata: { toolName, referencedImageId: imageId },
    data: { handles: { points: [] }, cachedStats: { [`imageId:${imageId}`]: stats } },
  });
  const line: OnImage = { points: [[10.5, 10.5], [50.5, 10.5]], calibration: calibrationOf(slice(1, 0, { '00280030': { vr: 'DS', Value: [0.5, 0.5] } }), 1), pixelUnit: "[hnsf'U]" };
  const square: ImagePoint[] = [[10, 10], [30, 10], [10, 20], [30, 20]];
  const radiograph = calibrationOf({ '00080016': { Value: ['1.2.840.10008.5.1.4.1.1.1.1'] }, '00181164': { Value: [0.5, 0.5] } }, 1);
  const capture = calibrationOf({ '00080016': { Value: ['1.2.840.10008.5.1.4.1.1.7'] } }, 1);

  it('is told in the unit that the image allows, whatever the drawing library computed', () => {
    const text = (calibration: Calibration) => valueText(drawn('Length', { length: 99, unit: 'mm' }), { ...line, calibration });

    expect([line.calibration, radiograph, capture].map(text)).toEqual(['20.0 mm', '20.0 mm at the detector', '40.0 px']);
  });

  it('of two axes and of an angle has words of its own', () => {
    const axes = valueText(drawn('Bidirectional'), { ...line, points: square, calibration: radiograph });
    const angle = valueText(drawn('Angle'), { ...line, points: [[30, 10], [10, 10], [10, 30]], calibration: capture });

    expect([axes, angle]).toEqual(['10.0 × 10.0 mm at the detector', '90.0°']);
  });

  it('of an area brings its statistics', () => {
    const area = drawn('RectangleROI', { area: 1, areaUnit: 'mm²', mean: 149.4, stdDev: 12.2, modalityUnit: 'HU' });

    const texts = (["[hnsf'U]", '1', null] as const).map((pixelUnit) => valueText(area, { ...line, points: square, pixelUnit }));
    expect(texts).toEqual(['50.0 mm², mean 149.4 HU, SD 12.2', '50.0 mm², mean 149.4, SD 12.2', '50.0 mm²']);
  });

  it('on a reformatted plane is that of the volume', () => {
    expect(valueText(drawn('Length', { length: 19.96, unit: 'mm' }), null)).toBe('20.0 mm');
  });

  it('is bound to instance, frame and pixels, without the host of the page', () => {
    const record = toRecord(drawn('Length'), line);

    expect(record).toMatchObject({ kind: 'length', sopInstanceUid: '1.9.4', frame: 1, points: line.points, values: [{ name: 'length', number: 20, unit: 'mm' }] });
    expect(JSON.stringify(record)).not.toContain('http://here');
  });

  it('comes back for the host of another page', () => {
    const record = toRecord(drawn('Length'), line);

    expect(record && restored(record, 'http://there').metadata?.referencedImageId).toBe(imageIdOf('http://there', series, '1.9.4', 1));
  });

  it('becomes a sentence of the findings', () => {
    const sentence = (on: OnImage) => {
      const record = toRecord(drawn('Length'), on);
      return record && findingSentence(record, { series: 2, image: 150 });
    };

    expect(sentence(line)).toBe('Length 20.0 mm (series 2, image 150).');
    expect(sentence({ ...line, calibration: radiograph })).toBe('Length 20.0 mm at the detector (series 2, image 150).');
  });

  it('that is no measurement is left out', () => {
    expect(toRecord(drawn('Crosshairs'), null)).toBeNull();
  });
});

describe('the letters of a projection', () => {
  const upright = [[0, -1, 0], [0, 0, -1]] as const;
  const letters = (up: readonly number[], normal: readonly number[]) =>
    projectionLetters([...up] as [number, number, number], [...normal] as [number, number, number], ['L', 'F']);

  it('are those that the image says of its rows and columns', () => {
    expect(letters(...upright)).toEqual({ top: 'H', right: 'L', bottom: 'F', left: 'R' });
  });

  it('turn with the image', () => {
    expect(letters([-1, 0, 0], [0, 0, -1])).toEqual({ top: 'R', right: 'H', bottom: 'L', left: 'F' });
  });

  it('change sides when the image is flipped', () => {
    expect(letters([0, -1, 0], [0, 0, 1])).toMatchObject({ right: 'R', left: 'L', top: 'H' });
  });

  it('are none when the image does not say', () => {
    expect(imageDirections([])).toBeUndefined();
    expect(imageDirections(['LEFT', 'F'])).toBeUndefined();
  });

  it('come from each image of a series, since a lateral view follows a frontal one', () => {
    const view = (number: number, directions: string[]) => ({
      ...Object.fromEntries(Object.entries(slice(number, 0)).filter(([tag]) => tag !== '00200032')),
      '00200020': { vr: 'CS', Value: directions },
    });

    expect(stack([view(1, ['L', 'F']), view(2, ['P', 'F'])])?.images.map(({ directions }) => directions)).toEqual([['L', 'F'], ['P', 'F']]);
  });
});
