import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { contradictingSides } from './contradicting-sides';

describe('a finding that one text has on the one side and the other text on the other', () => {
  test.each([
    ['Small effusion on the left.', 'Right effusion.'],
    ['Small left pleural effusion with basal atelectasis.', 'Pleural effusion on the right.'],
    ['There is a 6 mm nodule in the right upper lobe.', 'Left upper lobe nodule, follow-up CT in 6 months.'],
    ['6 mm nodule in the lingula.', 'Right-sided pulmonary nodule.'],
    ['Consolidation in the RLL.', 'LLL pneumonia.'],
    ['Apical pneumothorax on the right. The left lung is clear.', 'Left pneumothorax.'],
    ['No effusion on the right. Moderate effusion on the left.', 'Moderate right effusion.'],
    ['Effusion on the left, none on the right.', 'Right effusion.'],
    ['Obstructing calculus in the distal left ureter.', 'Right ureteric stone with hydronephrosis.'],
    ['Nodule in the right lower lobe, cyst in the left kidney.', 'Right renal cyst. Nodule in the right lower lobe.'],
    ['Right thyroid nodule. Nodule in the left lower lobe.', 'Left thyroid nodule. Left lower lobe nodule.'],
    ['Displaced fracture of the right distal radius.', 'Distal radius fracture, left.'],
    ['Acute infarct in the territory of the left MCA.', 'Acute right MCA stroke.'],
    ['Mass of the R breast at 2 o’clock.', 'Suspicious mass, L breast.'],
    ['Subdural haematoma over the left convexity, midline shift to the right.', 'Right subdural hematoma.'],
    ['Left effusion. The effusion is larger than before.', 'Increasing right effusion.'],
    ['Compared with the left side, effusion of the right knee.', 'Effusion of the left knee.'],
  ])('is told: %s – %s', (findings, impression) => {
    expect(contradictingSides(findings, impression)).toHaveLength(1);
  });

  test.each([
    ['the same side', 'Small effusion on the left.', 'Left effusion.'],
    ['both sides in one sentence', 'Pleural effusions, left greater than right.', 'Right effusion.'],
    ['bilateral', 'Bilateral effusions.', 'Right effusion, to be drained.'],
    ['bilateral in the impression', 'Effusion on the left.', 'Bilateral effusions.'],
    ['both in two sentences', 'Effusion on the left. Effusion on the right.', 'Right effusion.'],
    ['the other side without the word', 'Left effusion, and a smaller one on the right.', 'Right effusion.'],
    ['the other side without the word, in a sentence of its own', 'Left pleural effusion. Similar on the right.', 'Right effusion.'],
    ['the other side without its name', 'Left effusion. A smaller effusion on the opposite side.', 'Right effusion.'],
    ['no side in the findings', 'Moderate pleural effusion.', 'Right effusion.'],
    ['no side in the impression', 'Effusion on the left.', 'Pleural effusion.'],
    ['denied in the findings', 'No effusion on the left.', 'Right effusion.'],
    ['denied in the impression', 'Effusion on the left.', 'No right effusion.'],
    ['resolved', 'The previously seen left effusion has resolved.', 'Right effusion.'],
    ['history', 'History of left renal stones.', 'Stone in the right ureter.'],
    ['other findings', 'Nodule in the right lower lobe, cyst in the left kidney.', 'Left renal cyst, right lower lobe nodule.'],
    ['other organs', 'Cyst in the right kidney. Hypoechoic lesion of the thyroid.', 'Left thyroid cyst.'],
    ['other bones', 'Fracture of the right clavicle.', 'Right clavicle fracture. Suspected left rib fracture.'],
    ['organs in one sentence', 'Right lower lobe nodule and cyst of the kidney.', 'Left renal cyst.'],
    ['another word for it', 'Right renal lesion. Mass of the left kidney.', 'Left renal tumor.'],
    ['another word for wear', 'Mild osteoarthritis of the left hip. Degenerative changes of the right hip.', 'Osteoarthritis of the right hip.'],
    ['another word for what is dense', 'Airspace disease in the left lower lobe. Right basal opacity.', 'Left lower lobe pneumonia.'],
    ['another word for a mass', 'Spiculated opacity in the left upper lobe. Small nodule in the right lung.', 'Left upper lobe mass.'],
    ['another word for an infarct', 'Restricted diffusion in the left MCA territory. Chronic infarct in the right thalamus.', 'Acute left MCA infarct.'],
    ['levels of the spine', 'L3/4: right paracentral protrusion. L4/5: bulge with left foraminal narrowing.', 'Left foraminal stenosis at L4/5.'],
    ['a list of the impression', 'Thrombus in the right femoral vein. Left popliteal vein not compressible.', 'Right femoral and left popliteal DVT.'],
    ['the side in the name of the lobe', 'Nodules in the right upper lobe and lingula.', 'Left nodule, unchanged.'],
    ['the other side in a list', 'Nodules in the right upper lobe and left lower lobe.', 'Nodule in the left lower lobe.'],
    ['parts of the heart', 'Thrombus in the left atrial appendage.', 'Right deep vein thrombosis.'],
    ['the shift is to the other side', 'Left subdural hematoma with midline shift to the right.', 'Left subdural hematoma.'],
    ['a comparison', 'Effusion of the right knee, larger than on the left.', 'Right knee effusion.'],
    ['what is left', 'The drain was left in place. Right effusion.', 'Right effusion.'],
    ['the exam that was asked for', 'Indication: fracture of the left radius.', 'Fracture of the right radius.'],
    ['nothing written', '', 'Right effusion.'],
  ])('is not told, %s: %s – %s', (_why, findings, impression) => {
    expect(contradictingSides(findings, impression)).toEqual([]);
  });

  it('names both sentences and sides', () => {
    expect(contradictingSides('Heart normal. Effusion on the left.', 'Unchanged heart. Right effusion.')).toEqual([
      { sentence: 'Right effusion.', start: 17, word: 'RIGHT', other: { sentence: 'Effusion on the left.', start: 14, word: 'LEFT' } },
    ]);
  });

  it('names a sentence once, however many findings it has', () => {
    expect(contradictingSides('Effusion and atelectasis on the left.', 'Right effusion with atelectasis.')).toHaveLength(1);
  });

  it('is in no normal text of a template', () => {
    const folder = '../contracts/catalogue/report_templates';
    const normal = readdirSync(folder).flatMap((file) => [...readFileSync(`${folder}/${file}`, 'utf8').matchAll(/normal: (.+)/g)].map(([, text]) => text)).join('\n');

    expect(contradictingSides(normal, normal)).toEqual([]);
  });
});
