import { metaData } from '@cornerstonejs/core';
import { registerDefaultProviders } from '@cornerstonejs/metadata';
import { beforeAll, expect, it } from 'vitest';
import type { DicomJson } from '../dicom-json';
import { onImage, provideInstances, registerInstance } from './instances';

const instance = (changes: DicomJson = {}): DicomJson => ({
  '00080016': { vr: 'UI', Value: ['1.2.840.10008.5.1.4.1.1.2'] },
  '00080060': { vr: 'CS', Value: ['CT'] },
  '00200032': { vr: 'DS', Value: [-100, -100, 40] },
  '00200037': { vr: 'DS', Value: [1, 0, 0, 0, 1, 0] },
  '00280002': { vr: 'US', Value: [1] },
  '00280004': { vr: 'CS', Value: ['MONOCHROME2'] },
  '00280010': { vr: 'US', Value: [512] },
  '00280011': { vr: 'US', Value: [256] },
  '00280030': { vr: 'DS', Value: [0.5, 0.5] },
  ...changes,
});
const frame = (sop: string, number = 1) => `wadors:https://host/dicom-web/studies/1/series/2/instances/${sop}/frames/${number}`;

beforeAll(() => {
  registerDefaultProviders();
  provideInstances();
});

it('an instance that was registered is read when the library asks about it', () => {
  registerInstance(frame('1.1'), instance());

  expect(metaData.get('imagePixelModule', frame('1.1'))).toMatchObject({ rows: 512, columns: 256 });
  expect(metaData.get('imagePlaneModule', frame('1.1'))).toMatchObject({ rowPixelSpacing: 0.5, imagePositionPatient: [-100, -100, 40] });
  expect(metaData.get('imagePixelModule', frame('1.1'))).toMatchObject({ rows: 512 });
});

it('every frame of an instance is known by its first', () => {
  registerInstance(frame('1.2'), instance({ '00280008': { vr: 'IS', Value: [3] } }));

  expect(metaData.get('imagePixelModule', frame('1.2', 3))).toMatchObject({ rows: 512 });
});

it('what is registered again, as with more images of its series, stays known', () => {
  registerInstance(frame('1.3'), instance());
  expect(metaData.get('imagePixelModule', frame('1.3'))).toMatchObject({ rows: 512 });

  registerInstance(frame('1.3'), instance());

  expect(metaData.get('imagePixelModule', frame('1.3'))).toMatchObject({ rows: 512 });
});

it('a drawing lies on an image that nothing was asked of yet', () => {
  registerInstance(frame('1.4'), instance());

  expect(onImage(frame('1.4'), { handles: { points: [[-100, -95, 40]] } } as never)?.points).toEqual([[0.5, 10.5]]);
});

it('of an instance that was never registered nothing is known', () => {
  expect(metaData.get('imagePixelModule', frame('9.9'))?.rows).toBeUndefined();
  expect(onImage(frame('9.9'), {} as never)).toBeNull();
});
