import type { ReportContent } from '@shared/report/content';
import { EMPTY_REPORT } from '@shared/report/content';
import { CATALOGUE } from '@shared/text-checks/catalogue-file';
import { describe, expect, it } from 'vitest';
import { warningsOf } from './warnings';

const warnings = (change: Partial<ReportContent>, laterality: 'LEFT' | null = null) => warningsOf({ ...EMPTY_REPORT, ...change }, { laterality }, CATALOGUE);

const pneumothorax = { hasCriticalFindings: true, criticalFindingCode: 'pneumothorax', criticalCategory: 'RED', criticalFindingsText: 'Pneumothorax.' } as const;

describe('a warning of a critical finding', () => {
  it('names one that is stated and not marked', () => {
    expect(warnings({ impression: 'Large pneumothorax.' })).toMatchObject([{ flag: 'pneumothorax' }]);
  });

  it('is gone once it is marked', () => {
    expect(warnings({ ...pneumothorax, impression: 'Large pneumothorax.' })).toEqual([]);
  });

  it('comes once for a finding named in both sections', () => {
    expect(warnings({ findings: 'Pneumothorax.', impression: 'Pneumothorax.' })).toHaveLength(1);
  });

  it('does not come for what is denied', () => {
    expect(warnings({ findings: 'No pneumothorax.' })).toEqual([]);
  });

  it('offers the more urgent finding first', () => {
    expect(warnings({ impression: 'Pneumonia. Large pneumothorax.' })).toMatchObject([{ flag: 'pneumothorax' }, { flag: 'pneumonia' }]);
  });

  it('offers a ruptured aneurysm as what it is, and not as one to follow up', () => {
    expect(warnings({ impression: 'Ruptured abdominal aortic aneurysm.' })).toMatchObject([{ flag: 'ruptured_aneurysm' }]);
  });

  it('stays, when what is marked can wait longer than what is stated', () => {
    const marked = { hasCriticalFindings: true, criticalFindingCode: 'incidental_finding', criticalCategory: 'YELLOW', criticalFindingsText: 'Ruptured aneurysm.' } as const;

    expect(warnings(marked)).toMatchObject([{ title: 'Ruptured or leaking aneurysm: more urgent than what is marked', flag: 'ruptured_aneurysm' }]);
  });

  it('tells another one, as urgent as what is marked, to know it', () => {
    expect(warnings({ ...pneumothorax, findings: 'Pneumothorax. Free air.' })).toMatchObject([{ title: 'Bowel perforation: stated as well', isInformation: true }]);
  });
});

describe('a warning of the other side', () => {
  it('names the section and the side', () => {
    expect(warnings({ findings: 'Fracture of the right radius.' }, 'LEFT')).toMatchObject([{ title: 'The exam is of the left side, the findings say right' }]);
  });

  it('is of the text that the doctor gets first, too', () => {
    const marked = { ...pneumothorax, criticalFindingsText: 'Large right pneumothorax.' };

    expect(warnings(marked, 'LEFT')).toMatchObject([{ title: 'The exam is of the left side, what the doctor must know says right', isOfAlert: true }]);
  });

  it('is not of a text that is not sent', () => {
    expect(warnings({ criticalFindingsText: 'Large right pneumothorax.' }, 'LEFT')).toEqual([]);
  });
});

describe('a warning of two sides', () => {
  const left = 'Small effusion on the left.';

  it('names the section, both sides and both sentences', () => {
    expect(warnings({ findings: left, impression: 'Right effusion.' })).toMatchObject([{ title: 'The impression says right, the findings say left', detail: '“Right effusion.” – “Small effusion on the left.”' }]);
  });

  it('is of the text that the doctor gets first, too', () => {
    expect(warnings({ ...pneumothorax, findings: 'Left pneumothorax.', criticalFindingsText: 'Right pneumothorax.' })).toMatchObject([{ title: 'What the doctor must know says right, the findings say left', isOfAlert: true }]);
  });

  it('comes once, where one of the sentences has the other side than the order', () => {
    expect(warnings({ findings: left, impression: 'Right effusion.' }, 'LEFT')).toMatchObject([{ title: 'The exam is of the left side, the impression says right' }]);
  });

  it('is gone once the sides are the same', () => {
    expect(warnings({ findings: left, impression: 'Left effusion.' })).toEqual([]);
  });
});
