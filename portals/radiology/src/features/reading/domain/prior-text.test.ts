import { EMPTY_REPORT } from '@shared/report/content';
import { describe, expect, it } from 'vitest';
import { comparedWith, nameOf, quoting } from './prior-text';

const prior = { studyDescription: 'CT Thorax', modality: 'CT', bodyPart: 'CHEST', studyDate: '2025-09-03' };
const report = { technique: 'With IV contrast.', comparison: '', findings: 'Nodule of 4 mm.', impression: 'Stable nodule.\n', status: 'FINAL' as const };

describe('a prior study', () => {
  it('is named by what it was and when', () => {
    expect([nameOf(prior), nameOf({ ...prior, studyDescription: '', studyDate: null })]).toEqual(['CT Thorax, 3 Sep 2025', 'CT CHEST']);
  });

  it('comes into the comparison behind what stands there, and once', () => {
    const once = comparedWith({ comparison: 'None at first.' }, prior);

    expect(once.comparison).toBe('None at first.\nCT Thorax, 3 Sep 2025.');
    expect(comparedWith(once, prior)).toEqual(once);
  });

  it('lends its words with its name, so that none passes for one of today', () => {
    const content = { ...EMPTY_REPORT, findings: 'Lungs:' };

    expect(quoting(content, prior, report, { from: 'findings', into: 'findings' })).toEqual({ findings: 'Lungs:\nCT Thorax, 3 Sep 2025: Nodule of 4 mm.' });
    expect(quoting(content, prior, report, { from: 'impression', into: 'comparison' })).toEqual({ comparison: 'CT Thorax, 3 Sep 2025: Stable nodule.' });
  });

  it('says of words that nobody has signed that they are preliminary', () => {
    const draft = { ...report, status: 'PRELIMINARY' as const };

    expect(quoting(EMPTY_REPORT, prior, draft, { from: 'findings', into: 'findings' })).toEqual({ findings: 'CT Thorax, 3 Sep 2025, preliminary: Nodule of 4 mm.' });
  });
});
