import { expect, it } from 'vitest';
import { examName } from './exam-name';

it.each([
  ['CT', 'CT Chest', 'CT Chest'],
  ['CT', 'CTA Pulmonary arteries', 'CTA Pulmonary arteries'],
  ['MR', 'MRI Brain', 'MRI Brain'],
  ['MRI', 'MR Brain', 'MR Brain'],
  ['XRAY', 'X-ray Chest', 'X-ray Chest'],
  ['CT', 'Thorax nativ', 'CT Thorax nativ'],
  ['CR', 'Cranium', 'CR Cranium'],
  ['XRAY', 'Chest PA', 'X-ray Chest PA'],
  ['US', '', 'US'],
  ['', 'Outside images', 'Outside images'],
])('an exam by %s that is called “%s” is said to be: %s', (modality, name, said) => {
  expect(examName(modality, name)).toBe(said);
});
