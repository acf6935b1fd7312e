// @vitest-environment node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Comparison, ImageFacts, OrderFacts } from './compare';
import { compareFacts, personDiffers } from './compare';

interface Case {
  name: string;
  images: ImageFacts;
  order: OrderFacts;
  agrees: Array<Comparison['what']>;
  differs: Array<Comparison['what']>;
}

/** The server's rules are held to the same cases (`test_compared.py`). */
const CASES = JSON.parse(readFileSync(join(import.meta.dirname, '../../../tests/harness/matching.json'), 'utf8')) as Case[];

describe('images and order', () => {
  it.each(CASES)('$name', ({ images, order, agrees, differs }) => {
    const compared = compareFacts(images, order);

    expect(compared.filter((fact) => fact.agrees).map(({ what }) => what)).toEqual(agrees);
    expect(compared.filter((fact) => !fact.agrees).map(({ what }) => what)).toEqual(differs);
  });

  it('are of another person by number, issuer or birth date, whatever else differs', () => {
    const order: OrderFacts = { accessionNumber: 'A1', modality: 'CT', patient: { mrn: '1', birthDate: '1980-05-17' } };

    expect(personDiffers(compareFacts({ patientId: '1', patientBirthDate: '1980-05-18', modality: 'MR' }, order))).toEqual(['birth date']);
    expect(personDiffers(compareFacts({ patientId: '1', accessionNumber: 'A2', modality: 'MR' }, order))).toEqual([]);
  });
});
