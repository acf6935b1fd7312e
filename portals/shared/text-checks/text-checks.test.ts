import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { CATALOGUE } from './catalogue-file';
import { statedTerms } from './critical-terms';
import { wrongSides } from './laterality';
import { sentencesOf } from './sentences';

const codes = (text: string) => statedTerms(text, CATALOGUE).map(({ term }) => term.code);

describe('a critical finding that the text states', () => {
  test.each([
    ['There is a large right pneumothorax.', 'pneumothorax'],
    ['Acute pulmonary emboli in both lower lobes.', 'pulmonary_embolism'],
    ['Saddle embolus.', 'pulmonary_embolism'],
    ['Small apical pneumothorax, unchanged.', 'pneumothorax'],
    ['No change in the left pneumothorax.', 'pneumothorax'],
    ['Pneumothorax cannot be excluded.', 'pneumothorax'],
    ['Cannot exclude pulmonary embolism.', 'pulmonary_embolism'],
    ['No pleural effusion, but a small pneumothorax.', 'pneumothorax'],
    ['No consolidation. There is free air under the diaphragm.', 'bowel_perforation'],
    ['No fracture; acute hemorrhage in the basal ganglia.', 'acute_hemorrhage'],
    ['The pneumothorax has not resolved.', 'pneumothorax'],
    ['Not only effusion: pneumothorax as well.', 'pneumothorax'],
    ['Displaced fracture of the femoral shaft.', 'fracture'],
    ['Restricted diffusion in the left MCA territory.', 'acute_stroke'],
    ['No mass, although there is an acute infarct.', 'acute_stroke'],
    ['Acute-PE in the right lower lobe.', 'pulmonary_embolism'],
    ['PNEUMOPERITONEUM.', 'bowel_perforation'],
    ['Compared to the previous study the pneumothorax has increased.', 'pneumothorax'],
    ['Compared with previous CT, new pulmonary embolism in the right lower lobe.', 'pulmonary_embolism'],
    ['S/p MVA with large left pneumothorax.', 'pneumothorax'],
    ['History of trauma, displaced fracture of the femoral shaft.', 'fracture'],
    ['No consolidation, large right pneumothorax.', 'pneumothorax'],
    ['No effusion and a large pneumothorax.', 'pneumothorax'],
    ['Large pneumothorax, pleural effusion not seen.', 'pneumothorax'],
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

    const [found] = statedTerms(text, CATALOGUE);

    expect(text.slice(found?.start, found?.end)).toBe('pneumothorax');
  });

  it('is told once for each sentence and finding', () => {
    expect(codes('Pneumothorax left. Tension pneumothorax, pneumothorax.')).toEqual(['pneumothorax', 'pneumothorax']);
  });

  it('finds several findings in one text', () => {
    expect(codes('Free air. Active extravasation.')).toEqual(['bowel_perforation', 'acute_hemorrhage']);
  });
});

describe('a finding that is new, or still there, whatever is said of the past', () => {
  test.each([
    ['Right apical pneumothorax not seen on the prior examination.', 'pneumothorax'],
    ['Subdural hematoma that was not present on the previous CT.', 'acute_hemorrhage'],
    ['Not previously seen subdural hematoma.', 'acute_hemorrhage'],
    ['Left pneumothorax, not seen previously.', 'pneumothorax'],
    ['Subdural hematoma which was absent on the prior study.', 'acute_hemorrhage'],
    ['Segmental pulmonary emboli, not identified on the outside CT.', 'pulmonary_embolism'],
    ['Free air not evident in the earlier radiograph.', 'bowel_perforation'],
    ['Pulmonary emboli that were not seen on the CT of 3 March.', 'pulmonary_embolism'],
    ['Subdural hematoma not seen on CT from yesterday.', 'acute_hemorrhage'],
    ['Left apical pneumothorax, not present on prior.', 'pneumothorax'],
    ['Pneumothorax: not seen on the prior.', 'pneumothorax'],
    ['The previous pneumothorax has increased.', 'pneumothorax'],
    ['The previous subdural hematoma is larger.', 'acute_hemorrhage'],
    ['The prior pneumothorax persists.', 'pneumothorax'],
    ['Since the previous CT pulmonary emboli have progressed.', 'pulmonary_embolism'],
    ['The pneumothorax has not completely resolved.', 'pneumothorax'],
    ['The pneumothorax has almost completely resolved.', 'pneumothorax'],
    ['No significant interval change in the subdural hematoma.', 'acute_hemorrhage'],
    ['Pneumothorax: no change.', 'pneumothorax'],
    ['No prior imaging available, large pneumothorax.', 'pneumothorax'],
  ])('is found: %s', (text, code) => {
    expect(codes(text)).toEqual([code]);
  });
});

describe('a finding that is doubted', () => {
  test.each([
    ['Pulmonary embolism cannot be completely excluded.', 'pulmonary_embolism'],
    ['Cannot entirely exclude a small pneumothorax.', 'pneumothorax'],
    ["Can't exclude free air.", 'bowel_perforation'],
    ['It is not possible to exclude aortic dissection.', 'aortic_dissection'],
    ['Difficult to exclude a small subdural hematoma.', 'acute_hemorrhage'],
    ['This does not exclude pulmonary embolism.', 'pulmonary_embolism'],
    ['Possible small apical pneumothorax.', 'pneumothorax'],
    ['Suspected bowel perforation.', 'bowel_perforation'],
    ['Unclear if there is a small pneumothorax.', 'pneumothorax'],
    ['Pneumothorax not excluded.', 'pneumothorax'],
    ['Pulmonary embolism has not been ruled out.', 'pulmonary_embolism'],
    ['?Pneumothorax at the left apex.', 'pneumothorax'],
    ['Right basal opacity concerning for pneumonia.', 'pneumonia'],
    ['No effusion, right basal opacity consistent with pneumonia.', 'pneumonia'],
  ])('is found: %s', (text, code) => {
    expect(codes(text)).toEqual([code]);
  });
});

describe('a finding beside something else that is denied', () => {
  test.each([
    ['Lungs not fully expanded, pneumothorax on the right.', 'pneumothorax'],
    ['No effusion is seen, pneumothorax on the right.', 'pneumothorax'],
    ['Never-smoker with a left pneumothorax.', 'pneumothorax'],
    ['Chest tube not in place, pneumothorax.', 'pneumothorax'],
    ['No displaced rib fracture, but a tension pneumothorax.', 'pneumothorax'],
    ['History of fall with displaced femoral neck fracture.', 'fracture'],
  ])('is found: %s', (text, code) => {
    expect(codes(text)).toEqual([code]);
  });
});

describe('no warning comes', () => {
  test.each([
    'Post-thrombolysis, no hemorrhagic transformation or subarachnoid hemorrhage.',
    'No pneumothorax or pleural effusion is seen; the previously noted pneumothorax has completely resolved.',
    'No PE, aortic dissection or acute fracture.',
    'No pneumothorax identified following chest tube removal.',
    'Chest tube in place without residual pneumothorax.',
    'The lungs are clear and there is no pneumothorax.',
    'No free air under the diaphragm.',
    'Negative for deep vein thrombosis.',
    'No sonographic evidence of acute cholecystitis, abscess or ectopic pregnancy.',
    'No acute fracture, dislocation, or malalignment.',
    'Ventricles are normal without midline shift or acute hydrocephalus.',
    'No MRI evidence of cord compression, epidural abscess or burst fracture.',
    // Headings of a template, with their answers or with none yet.
    'Pneumothorax: none.',
    'Pneumothorax: no.',
    'Pneumothorax: absent',
    'Pneumothorax:',
    'Pneumothorax/effusion: none.',
    'Pneumothorax and effusion: not seen.',
    'Free air - none.',
    'Midline shift: 0 mm.',
    'The midline is not shifted. No shift of the midline.',
    // Denied in the lists that reports begin with.
    'No evidence of acute intracranial hemorrhage, mass effect, midline shift, hydrocephalus or acute infarct.',
    'There is no CT evidence of acute intracranial hemorrhage, mass effect, midline shift, or acute territorial infarct.',
    'No intracranial mass, acute infarct or hemorrhage.',
    'No focal consolidation, pleural effusion, or pneumothorax.',
    'No filling defect in the pulmonary arteries to suggest pulmonary embolism.',
    'No filling defect concerning for pulmonary embolism.',
    'No focal consolidation suspicious for pneumonia.',
    'There are no findings to suggest aortic dissection.',
    'The study does not show pneumothorax, effusion or free air.',
    'No aortic dissection, intramural hematoma or penetrating ulcer.',
    'No bowel obstruction, free air or abscess.',
    'No large pneumothorax.',
    'No definite acute fracture.',
    'Patent pulmonary arteries, without pulmonary embolism.',
    'Pulmonary embolism is considered unlikely.',
    'Pneumothorax is not visible on the current or prior examination.',
    'Pneumothorax is no longer visible.',
    'Pulmonary embolism has been excluded.',
    'Non-displaced fracture of the distal radius.',
    'Nondisplaced fracture of the fifth metatarsal.',
    // Resolved.
    'The left pneumothorax seen on 3 March has resolved.',
    'The left pneumothorax, which was seen on 3 March, has resolved.',
    'Subdural hematoma, now resolved.',
    'No other acute fracture.',
    'This is not a pneumothorax but a skin fold.',
    'Interval resolution of the right pneumothorax.',
    'Resolved pulmonary edema.',
    // Of the past, or of the family.
    'Previous pulmonary embolism.',
    'Prior left pneumothorax.',
    'Family history of aortic dissection.',
    'Family history: aortic dissection.',
    'Clinical history: pulmonary embolism 2019.',
    'Past medical history significant for pulmonary embolism.',
    'Status post evacuation of a left subdural hematoma.',
    'Postoperative changes after repair of a ruptured aneurysm.',
    'Old left MCA territory infarct.',
    'Healed pelvic ring fracture.',
    // Asked for, or conditional.
    'Indication: pneumothorax?',
    'Follow-up radiograph to evaluate for pneumothorax.',
    'If there is clinical concern for pulmonary embolism, CT angiography is recommended.',
    'Increased risk of pulmonary embolism.',
    'The AAA is at risk for aortic rupture.',
    // Other things with like names.
    'Herniated disc at L5/S1.',
    'Sternal wires are intact.',
    'Embolization coils in the pulmonary artery.',
    'Scattered cerebellar microhemorrhages.',
    'Restricted diffusion in an epidermoid cyst.',
    'Contrast extravasation at the injection site.',
    'Acute splenic infarct.',
  ])('of: %s', (text) => {
    expect(codes(text)).toEqual([]);
  });
});

describe('a normal text of a template', () => {
  const folder = '../contracts/catalogue/report_templates';
  const texts = readdirSync(folder).flatMap((file) => [...readFileSync(`${folder}/${file}`, 'utf8').matchAll(/heading: (.+)\n(?:.*\n)??\s+normal: (.+)/g)].map(([, heading, normal]) => [file, `${heading}: ${normal}`] as const));

  it.each(texts)('of %s warns of nothing: %s', (_file, text) => {
    expect(codes(text)).toEqual([]);
  });
});

describe('the more urgent of two findings is meant where their words meet', () => {
  test.each([
    ['Ruptured abdominal aortic aneurysm.', ['ruptured_aneurysm']],
    ['Abdominal aortic aneurysm, 4 cm.', ['incidental_finding']],
    ['Unruptured abdominal aortic aneurysm.', ['incidental_finding']],
    ['Displaced odontoid fracture.', ['major_fracture']],
    ['Pneumothorax and pneumonia.', ['pneumothorax', 'pneumonia']],
  ])('%s', (text, found) => {
    expect(codes(text)).toEqual(found);
  });
});

describe('the words of the catalogue', () => {
  test.each([
    ['Midline shifted by 4 mm.', 'raised_intracranial_pressure'],
    ['Shift of the midline to the left.', 'raised_intracranial_pressure'],
    ['Acute left MCA territory infarct.', 'acute_stroke'],
    ['Restricted diffusion in the left MCA territory.', 'acute_stroke'],
    ['Hyperdense right MCA sign.', 'acute_stroke'],
    ['Occlusion of the left M1 segment.', 'acute_stroke'],
    ['Acute PE.', 'pulmonary_embolism'],
    ['Bilateral pulmonary artery emboli.', 'pulmonary_embolism'],
    ['Emboli in both main pulmonary arteries.', 'pulmonary_embolism'],
    ['Active contrast extravasation in the spleen.', 'acute_hemorrhage'],
    ['Displaced femoral neck fracture.', 'fracture'],
    ['Displaced right femoral neck fracture.', 'fracture'],
    ['Displaced intra-articular fracture of the tibia.', 'fracture'],
    ['Unstable C5 fracture.', 'major_fracture'],
    ['Cerebellar hemorrhage.', 'acute_hemorrhage'],
    ['Hemorrhage in the left basal ganglia.', 'acute_hemorrhage'],
    ['Retroperitoneal hematoma.', 'acute_hemorrhage'],
    ['Stanford type A dissection.', 'aortic_dissection'],
    ['Dissection of the descending thoracic aorta.', 'aortic_dissection'],
    ['Free intraperitoneal gas.', 'bowel_perforation'],
    ['Perforation of the sigmoid.', 'bowel_perforation'],
    ['Large left pleural effusion.', 'large_pleural_effusion'],
    ['Pulmonary oedema.', 'pulmonary_edema'],
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
    expect(codes(text)).toEqual([code]);
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
    expect(codes(text)).toEqual([]);
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
