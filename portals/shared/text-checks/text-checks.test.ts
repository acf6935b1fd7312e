import { readFileSync } from 'node:fs';
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

describe('the words of the catalogue', () => {
  /** Each word of a finding, as the catalogue's file lists it in brackets or line by line. */
  const catalogue = readFileSync('../contracts/catalogue/critical_findings.yaml', 'utf8')
    .split(/^- code: /m)
    .slice(1)
    .map((entry) => ({ code: entry.split('\n', 1)[0] ?? '', title: '', synonyms: (entry.split('synonyms:')[1] ?? '').split(/[[\],\n]|^\s*- /m).map((word) => word.trim()).filter(Boolean) }));
  const found = (text: string) => statedTerms(text, catalogue).map((term) => term.code);

  test.each([
    ['Left subdural hematoma, 12 mm.', 'acute_hemorrhage'],
    ['Subdural haematomas on both sides.', 'acute_hemorrhage'],
    ['Acute on chronic subdural hemorrhage.', 'acute_hemorrhage'],
    ['Subdural haemorrhage along the falx.', 'acute_hemorrhage'],
    ['Epidural hemorrhage at the vertex.', 'acute_hemorrhage'],
    ['Epidural haemorrhage.', 'acute_hemorrhage'],
    ['Extradural haematoma.', 'acute_hemorrhage'],
    ['Intraparenchymal hemorrhage in the right thalamus.', 'acute_hemorrhage'],
    ['Intraparenchymal haematoma.', 'acute_hemorrhage'],
    ['Large intracranial bleed.', 'acute_hemorrhage'],
    ['Intracranial bleeding.', 'acute_hemorrhage'],
    ['Intracerebral hematoma with surrounding edema.', 'acute_hemorrhage'],
    ['Intraventricular haemorrhage.', 'acute_hemorrhage'],
    ['Ischemic stroke in the left MCA territory.', 'acute_stroke'],
    ['Ischaemic stroke.', 'acute_stroke'],
    ['Filling defects in the pulmonary artery.', 'pulmonary_embolism'],
    ['There is a filling defect in the left main pulmonary artery.', 'pulmonary_embolism'],
    ['Multiple filling defects within both pulmonary arteries.', 'pulmonary_embolism'],
    ['Filling defects in both lower lobar arteries.', 'pulmonary_embolism'],
    ['Filling defect in a segmental artery of the right lower lobe.', 'pulmonary_embolism'],
    ['Pulmonary artery filling defect.', 'pulmonary_embolism'],
    ['No pneumothorax on the left, tension pneumothorax on the right.', 'pneumothorax'],
    ['No pneumothorax on the left, but tension pneumothorax on the right.', 'pneumothorax'],
    ['No pneumothorax on the left; pneumothorax on the right.', 'pneumothorax'],
    ['No midline shift, acute subdural hematoma.', 'acute_hemorrhage'],
  ])('are found: %s', (text, code) => {
    expect(found(text)).toEqual([code]);
  });

  test.each([
    'No filling defect.',
    'No filling defect in the pulmonary arteries.',
    'No filling defects in the main, lobar or segmental pulmonary arteries.',
    'Filling defects in the pulmonary arteries are not seen.',
    'Filling defects are not seen in the pulmonary arteries.',
    'Filling defect in the bladder.',
    'No subdural or epidural hematoma.',
    'No intracranial bleed.',
    'No intracranial hemorrhage, mass or acute infarct.',
    'No evidence of subdural haemorrhage.',
    'Intracranial bleeding is excluded.',
    'Old ischemic stroke in the right cerebellum.',
    'Remote ischaemic stroke.',
    'History of ischemic stroke.',
    'No ischemic stroke.',
    'Without intraparenchymal hemorrhage.',
    'No pneumothorax on the left, no tension pneumothorax on the right.',
  ])('are not found where they are denied, or of the past: %s', (text) => {
    expect(found(text)).toEqual([]);
  });
});

describe('the other side', () => {
  test.each([
    ['Fracture of the right radius.', 'LEFT'],
    ['Right-sided effusion.', 'LEFT'],
    ['The left knee shows an effusion.', 'RIGHT'],
    ['Fracture of the right radius with normal alignment.', 'LEFT'],
    ['Normal alignment. Displaced fracture of the right radius.', 'LEFT'],
    ['The bones are normal apart from a fracture of the right radius.', 'LEFT'],
    ['Normal bone density, effusion of the left knee.', 'RIGHT'],
    ['Right knee normal.', 'LEFT'],
    ['Normal appearance of the right knee.', 'LEFT'],
    ['Fracture of the Rt radius.', 'LEFT'],
    ['Fracture of the rt. radius.', 'LEFT'],
    ['Lt knee effusion.', 'RIGHT'],
    ['Effusion, lt. knee.', 'RIGHT'],
    ['RT wrist fracture.', 'LEFT'],
    ['Fracture of the R radius.', 'LEFT'],
    ['L knee effusion.', 'RIGHT'],
    ['Effusion of the knee (L).', 'RIGHT'],
    ['Asymmetric effusion of the right knee.', 'LEFT'],
    ['Asymmetry of the soft tissues, fracture of the right radius.', 'LEFT'],
    ['Compared with the previous study the fracture of the right radius is unchanged.', 'LEFT'],
    ['In comparison to the prior, new effusion of the right knee.', 'LEFT'],
    ['Compared with the left side, effusion of the right knee.', 'LEFT'],
    ['Fracture of the right radius, contralateral side normal.', 'LEFT'],
  ] as const)('is reported: %s', (text, ordered) => {
    expect(wrongSides(text, ordered)).toHaveLength(1);
  });

  test.each([
    ['Fracture of the left radius.', 'LEFT'],
    ['The right ventricle is not enlarged.', 'LEFT'],
    ['Compared with the right side the joint space is narrow.', 'LEFT'],
    ['Compared to the healthy right knee the joint space is narrow.', 'LEFT'],
    ['Asymmetry of the right and left breast.', 'LEFT'],
    ['Asymmetric to the right side.', 'LEFT'],
    ['Wider than on the right.', 'LEFT'],
    ['The joint space is narrow versus the right.', 'LEFT'],
    ['The contralateral right knee is intact.', 'LEFT'],
    ['Right knee (contralateral) without effusion.', 'LEFT'],
    ['Effusion of the left knee. Normal appearance of the right knee.', 'LEFT'],
    ['Left knee: effusion. Right knee normal.', 'LEFT'],
    ['Lt knee: effusion. The right knee is unremarkable.', 'LEFT'],
    ['Right and Lt changes.', 'LEFT'],
    ['Fracture of the Lt radius.', 'LEFT'],
    ['Fracture of the L radius.', 'LEFT'],
    ['Rt ventricle not enlarged.', 'LEFT'],
    ['Disc protrusion at L4/L5.', 'RIGHT'],
    ['Degenerative change of the L spine.', 'RIGHT'],
    ['About 2 L of fluid.', 'RIGHT'],
    ['T/L junction is intact.', 'RIGHT'],
    ['R/O fracture.', 'LEFT'],
    ['Status post RT.', 'LEFT'],
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
