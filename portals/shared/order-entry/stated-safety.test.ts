import { describe, expect, it } from 'vitest';
import { contrastWords, safetyWords, statedWords } from './stated-safety';

describe('what the orderer answered', () => {
  it('is told line by line: contrast medium', () => {
    const contrast = { allergyToContrast: 'yes', allergyDetail: 'Anaphylaxis, iohexol 2020', creatinineMgPerDl: 3.9, creatinineMeasuredOn: '2026-02-27' } as const;

    expect(statedWords({ statedSafety: { contrast } })).toEqual(['Allergy to contrast medium: yes, Anaphylaxis, iohexol 2020', 'Creatinine: 3.9 mg/dL, measured on 27 Feb 2026']);
    expect(statedWords({ statedSafety: { contrast: { allergyToContrast: 'unknown' } } })).toEqual(['Allergy to contrast medium: not known', 'Creatinine: not known']);
  });

  it('is told line by line: magnet', () => {
    const mri = { pacemaker: 'yes', metallicImplants: 'no', cochlearImplants: 'unknown', aneurysmClips: 'no', detail: 'Since 2020; MR conditional' } as const;

    expect(statedWords({ statedSafety: { mri } })).toEqual([
      'MRI safety: pacemaker or defibrillator yes; metallic implants or splinters no; cochlear implants not known; aneurysm clips no; claustrophobia not asked',
      'MRI safety, details: Since 2020; MR conditional',
    ]);
  });

  it('is nothing in an order of another system, or of older days', () => {
    expect([statedWords({}), statedWords({ statedSafety: null })]).toEqual([[], []]);
  });
});

describe('the contrast medium of an order', () => {
  const ordered = { contrastRequired: true, contrastType: 'IODINE', contrastAllergyChecked: true, creatinineChecked: true } as const;

  it('is named alone where the answers stand beside it', () => {
    expect(contrastWords({ ...ordered, statedSafety: { contrast: { allergyToContrast: 'yes', allergyDetail: 'Anaphylaxis' } } })).toBe('iodine');
  });

  it('is told with what was asked without an answer in the order', () => {
    expect(contrastWords({ ...ordered, statedSafety: null })).toBe('iodine; allergy was asked, the answer is not in the order; creatinine was looked up, the value is not in the order');
    expect(contrastWords({ ...ordered, creatinineChecked: false })).toBe('iodine; allergy was asked, the answer is not in the order');
  });

  it('is none, or of a kind that the order does not name', () => {
    expect(contrastWords({ ...ordered, contrastRequired: false })).toBe('none');
    expect(contrastWords({ ...ordered, contrastType: null, contrastAllergyChecked: false, creatinineChecked: false })).toBe('yes');
  });
});

describe('what an order says about safety in free text', () => {
  const order = (change: object) => ({ clinicalIndication: 'Dyspnoea. Embolism?', clinicalHistory: '', specialInstructions: '', ...change });

  it('is said in its own words, wherever they stand', () => {
    const words = safetyWords(order({ clinicalHistory: 'Hypertension\n20 weeks pregnant', specialInstructions: 'Contrast allergy: yes, hives\nBrings own oxygen\nHip implant 2015' }));

    expect(words).toEqual(['Contrast allergy: yes, hives', 'Hip implant 2015', '20 weeks pregnant']);
  });

  it('is nothing where it says nothing', () => {
    expect(safetyWords(order({ clinicalIndication: 'Metastases?', specialInstructions: 'Brings own oxygen' }))).toEqual([]);
  });
});
