import { EMPTY_REPORT } from '@shared/report/content';
import { STAT_TERMS } from '@shared/text-checks/critical-terms';
import { describe, expect, it } from 'vitest';
import { warningsOf } from './warnings';

const content = (change: Partial<typeof EMPTY_REPORT>) => ({ ...EMPTY_REPORT, ...change });
const anySide = { laterality: null };

describe('a warning', () => {
  it('names a critical finding that is stated and not marked', () => {
    expect(warningsOf(content({ impression: 'Large pneumothorax.' }), anySide, STAT_TERMS)).toMatchObject([{ flag: 'PNEUMOTHORAX' }]);
  });

  it('is gone once the box is ticked', () => {
    expect(warningsOf(content({ impression: 'Large pneumothorax.', hasCriticalFindings: true }), anySide, STAT_TERMS)).toEqual([]);
  });

  it('comes once for a finding named in both sections', () => {
    expect(warningsOf(content({ findings: 'Pneumothorax.', impression: 'Pneumothorax.' }), anySide, STAT_TERMS)).toHaveLength(1);
  });

  it('does not come for what is denied', () => {
    expect(warningsOf(content({ findings: 'No pneumothorax.' }), anySide, STAT_TERMS)).toEqual([]);
  });

  it('names the other side', () => {
    expect(warningsOf(content({ findings: 'Fracture of the right radius.' }), { laterality: 'LEFT' }, STAT_TERMS)).toMatchObject([{ title: 'The exam is of the left side, the findings say right' }]);
  });
});
