import { describe, expect, it } from 'vitest';
import { toStudyListing } from './study-listing';

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
