import { describe, expect, it } from 'vitest';
import { changedAfter, imagesChanged, imagesOf, toStudyListing } from './study-listing';

describe('the list of a study', () => {
  const listed = (seriesNumber: number, modality: string) => ({
    seriesInstanceUid: `1.2.${seriesNumber}`,
    modality,
    seriesNumber,
    seriesDescription: modality === 'SR' ? 'Measurements' : 'Thorax',
    numberOfInstances: 1,
    numberOfFrames: 0,
    documentsRevision: 1,
  });
  const study = { studyInstanceUid: '1.2', studyDescription: 'CT', studyDate: '2025-11-11', measurementReports: [], series: [listed(990, 'SR'), listed(2, 'CT'), listed(1, 'CT')] };

  it('names a report of measurements, but does not offer it to be hung', () => {
    const { series: drawable, documents } = toStudyListing(study, false);

    expect(drawable.map(({ seriesNumber }) => seriesNumber)).toEqual([1, 2]);
    expect(documents).toMatchObject([{ modality: 'SR', description: 'Measurements', count: 1 }]);
  });

  const made = (reportVersion: number, numberOfFindings: number, superseded: boolean) => ({
    reportVersion,
    numberOfFindings,
    superseded,
    seriesInstanceUid: '1.2.990',
    sopInstanceUid: `1.2.990.${reportVersion}`,
  });

  it.each([
    ['the last one that measures', [made(1, 2, true), made(2, 1, false)], 'Current: report version 2'],
    ['none, once all was taken back', [made(1, 2, true), made(2, 0, false)], 'Withdrawn with report version 2'],
    ['what nobody says', [], undefined],
  ])('says which report of measurements holds: %s', (_, measurementReports, standing) => {
    expect(toStudyListing({ ...study, measurementReports }, false).documents.map((document) => document.standing)).toEqual([standing]);
  });
});

describe('the images of a case', () => {
  const before = imagesOf({ studies: [{ numberOfInstances: 3, numberWithdrawn: 0 }, { numberOfInstances: 1, numberWithdrawn: 1 }] });

  it.each([
    ['none', 3, 0, ''],
    ['one that came', 4, 0, '1 image arrived'],
    ['one that was taken out', 2, 1, '1 image taken out'],
    ['one for another', 3, 1, '1 image arrived, 1 image taken out'],
    ['a study that was matched elsewhere', 1, 0, '2 images moved to another exam'],
    ['several', 3, 2, '2 images arrived, 2 images taken out'],
  ])('are compared with what was looked at: %s', (_, numberOfInstances, numberWithdrawn, told) => {
    const now = imagesOf({ studies: [{ numberOfInstances, numberWithdrawn }, { numberOfInstances: 1, numberWithdrawn: 1 }] });

    expect(imagesChanged(before, now)).toBe(told);
  });

  it.each([
    ['the study that was read', [{ revisionOpenedAt: '2025-11-11T08:00:00Z' }], false],
    ['a revision after it', [{ revisionOpenedAt: '2025-11-11T10:00:00Z' }], true],
    ['a second study after it', [{ revisionOpenedAt: '2025-11-11T08:00:00Z' }, { revisionOpenedAt: '2025-11-11T10:00:00Z' }], true],
  ])('changed after a signature, or did not: %s', (_, studies, changed) => {
    expect(changedAfter(studies, '2025-11-11T09:00:00Z')).toBe(changed);
  });

  it('are more when a whole study came', () => {
    const now = imagesOf({ studies: [{ numberOfInstances: 3, numberWithdrawn: 0 }, { numberOfInstances: 1, numberWithdrawn: 1 }, { numberOfInstances: 4, numberWithdrawn: 0 }] });

    expect(imagesChanged(before, now)).toBe('4 images arrived');
  });
});
