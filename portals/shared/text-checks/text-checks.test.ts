import { describe, expect, it, test } from 'vitest';
import { statedTerms } from './critical-terms';
import { wrongSides } from './laterality';
import { sentencesOf } from './sentences';

const codes = (text: string) => statedTerms(text).map((term) => term.code);

describe('a critical finding that the text states', () => {
  test.each([
    ['There is a large right pneumothorax.', 'PNEUMOTHORAX'],
    ['Acute pulmonary emboli in both lower lobes.', 'PULMONARY_EMBOLISM'],
    ['Saddle embolus.', 'PULMONARY_EMBOLISM'],
    ['Small apical pneumothorax, unchanged.', 'PNEUMOTHORAX'],
    ['No change in the left pneumothorax.', 'PNEUMOTHORAX'],
    ['Pneumothorax cannot be excluded.', 'PNEUMOTHORAX'],
    ['Cannot exclude pulmonary embolism.', 'PULMONARY_EMBOLISM'],
    ['No pleural effusion, but a small pneumothorax.', 'PNEUMOTHORAX'],
    ['No consolidation. There is free air under the diaphragm.', 'BOWEL_PERFORATION'],
    ['No fracture; acute hemorrhage in the basal ganglia.', 'ACUTE_HEMORRHAGE'],
    ['The pneumothorax has not resolved.', 'PNEUMOTHORAX'],
    ['Not only effusion: pneumothorax as well.', 'PNEUMOTHORAX'],
    ['Displaced fracture of the femoral shaft.', 'MAJOR_FRACTURE'],
    ['Restricted diffusion in the left MCA territory.', 'ACUTE_STROKE'],
    ['No mass, although there is an acute infarct.', 'ACUTE_STROKE'],
    ['Acute-PE in the right lower lobe.', 'PULMONARY_EMBOLISM'],
    ['PNEUMOPERITONEUM.', 'BOWEL_PERFORATION'],
    ['Compared to the previous study the pneumothorax has increased.', 'PNEUMOTHORAX'],
    ['Compared with previous CT, new pulmonary embolism in the right lower lobe.', 'PULMONARY_EMBOLISM'],
    ['S/p MVA with large left pneumothorax.', 'PNEUMOTHORAX'],
    ['History of trauma, displaced fracture of the femoral shaft.', 'MAJOR_FRACTURE'],
    ['No consolidation, large right pneumothorax.', 'PNEUMOTHORAX'],
    ['No effusion and a large pneumothorax.', 'PNEUMOTHORAX'],
    ['Large pneumothorax, pleural effusion not seen.', 'PNEUMOTHORAX'],
  ])('is found: %s', (text, code) => {
    expect(codes(text)).toEqual([code]);
  });

  test.each([
    'No pneumothorax.',
    'History of pulmonary embolism.',
    'Previous left pneumothorax.',
    'No pleural effusion or pneumothorax.',
    'There is no evidence of pulmonary embolism.',
    'Lungs are clear without pneumothorax, effusion or consolidation.',
    'Negative for acute hemorrhage.',
    'Pneumothorax is not seen.',
    'Pulmonary embolism has been ruled out.',
    'The previously seen pneumothorax has resolved.',
    'No acute infarct, mass or intracranial hemorrhage.',
    'Absence of free air.',
    'History of pulmonary embolism.',
    'Neither pneumothorax nor effusion.',
    'Evaluation to exclude pulmonary embolism.',
    'Bones: no displaced fracture.',
  ])('is not found where it is denied: %s', (text) => {
    expect(codes(text)).toEqual([]);
  });

  it('points at the words in the text, so that the editor can show them', () => {
    const text = 'Heart normal. Large pneumothorax on the left.';

    const [found] = statedTerms(text);

    expect(text.slice(found?.start, found?.end)).toBe('pneumothorax');
  });

  it('is told once for each sentence and finding', () => {
    expect(codes('Pneumothorax left. Tension pneumothorax, pneumothorax.')).toEqual(['PNEUMOTHORAX', 'PNEUMOTHORAX']);
  });

  it('finds several findings in one text', () => {
    expect(codes('Free air. Active extravasation.')).toEqual(['BOWEL_PERFORATION', 'ACUTE_HEMORRHAGE']);
  });
});

describe('the other side', () => {
  test.each([
    ['Fracture of the right radius.', 'LEFT'],
    ['Right-sided effusion.', 'LEFT'],
    ['The left knee shows an effusion.', 'RIGHT'],
  ] as const)('is reported: %s', (text, ordered) => {
    expect(wrongSides(text, ordered)).toHaveLength(1);
  });

  test.each([
    ['Fracture of the left radius.', 'LEFT'],
    ['The right ventricle is not enlarged.', 'LEFT'],
    ['Compared with the right side the joint space is narrow.', 'LEFT'],
    ['Normal appearance of the right knee.', 'LEFT'],
    ['Bilateral right and left changes.', 'LEFT'],
    ['From the left to the right border.', 'LEFT'],
    ['The patient stood upright.', 'LEFT'],
    ['The drain was left in place.', 'RIGHT'],
    ['Right hepatic lobe unremarkable.', 'LEFT'],
  ] as const)('is not reported: %s', (text, ordered) => {
    expect(wrongSides(text, ordered)).toEqual([]);
  });
});

describe('sentences', () => {
  it('keep decimals and abbreviations together', () => {
    expect(sentencesOf('Nodule of approx. 2.5 cm. No effusion.').map((sentence) => sentence.text)).toEqual(['Nodule of approx. 2.5 cm.', 'No effusion.']);
  });

  it('end at a line break even without a full stop', () => {
    expect(sentencesOf('Heart: normal\nLungs: clear').map((sentence) => sentence.text)).toEqual(['Heart: normal', 'Lungs: clear']);
  });
});
