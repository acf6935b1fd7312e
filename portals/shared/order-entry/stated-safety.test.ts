import { describe, expect, it, test } from 'vitest';
import type { StatedSafety } from './stated-safety';
import { contrastLines, magnetLines, NOTHING_STATED, readSafety, safetyWords } from './stated-safety';

const reacted: StatedSafety = { ...NOTHING_STATED, allergy: 'yes', allergyDetail: 'Anaphylaxis, iohexol 2020', creatinine: '3.9', creatinineDate: '2026-02-27' };
const implanted: StatedSafety = { ...NOTHING_STATED, mri: { pacemaker: 'yes', metallicImplants: 'no', cochlearImplants: 'unknown', aneurysmClips: 'no', claustrophobia: 'yes' }, mriDetail: 'Since 2020; MR conditional' };

describe('the safety answers of an order', () => {
  test.each([
    ['contrast: an allergy, a creatinine with its day', reacted],
    ['contrast: none, not known', { ...NOTHING_STATED, allergy: 'no' as const }],
    ['contrast: not known, a creatinine without a day', { ...NOTHING_STATED, allergy: 'unknown' as const, creatinine: '0.9' }],
  ])('are read as they were written: %s', (_, answers) => {
    expect(readSafety([...contrastLines(answers), 'Brings own oxygen'].join('\n'))).toEqual(answers);
  });

  it('are read as they were written: magnet', () => {
    expect(readSafety(magnetLines(implanted).join('\r\n'))).toEqual(implanted);
  });

  it('are none in an order of another system, whatever else it says', () => {
    expect(readSafety('Patient is allergic to penicillin\nCreatinine normal')).toEqual(NOTHING_STATED);
  });
});

describe('what an order says about safety', () => {
  const order = (change: object) => ({ clinicalIndication: 'Dyspnoea. Embolism?', clinicalHistory: '', specialInstructions: '', ...change });

  it('is said in its own words, wherever they stand', () => {
    const words = safetyWords(order({ clinicalHistory: 'Hypertension\n20 weeks pregnant', specialInstructions: [...contrastLines(reacted), 'Brings own oxygen', 'Hip implant 2015'].join('\n') }));

    expect(words).toEqual(['Contrast allergy: yes, Anaphylaxis, iohexol 2020', 'Creatinine: 3.9 mg/dL (2026-02-27)', 'Hip implant 2015', '20 weeks pregnant']);
  });

  it('is nothing where it says nothing', () => {
    expect(safetyWords(order({ clinicalIndication: 'Metastases?', specialInstructions: 'Brings own oxygen' }))).toEqual([]);
  });
});
