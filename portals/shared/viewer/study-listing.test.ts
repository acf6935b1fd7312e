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
  const study = { studyInstanceUid: '1.2', studyDescription: 'CT', studyDate: '2025-11-11', series: [listed(990, 'SR'), listed(2, 'CT'), listed(1, 'CT')] };

  it('names a report of measurements, but does not offer it to be hung', () => {
    const { series: drawable, documents } = toStudyListing(study, false);

    expect(drawable.map(({ seriesNumber }) => seriesNumber)).toEqual([1, 2]);
    expect(documents).toMatchObject([{ modality: 'SR', description: 'Measurements', count: 1 }]);
  });
});
