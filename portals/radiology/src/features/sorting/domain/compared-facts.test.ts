import type { QuarantineComparison } from '@shared/api/types';
import { describe, expect, it } from 'vitest';
import { comparedFacts } from './compared-facts';

type ImageFacts = QuarantineComparison['received'];

const image = (changes: Partial<ImageFacts> = {}): ImageFacts => ({
  sopInstanceUid: '1.2.3',
  patientName: 'Testpatient^Tina',
  patientId: 'MRN-1',
  issuerOfPatientId: '',
  patientBirthDate: '1970-01-02',
  patientSex: 'F',
  accessionNumber: 'A1',
  studyDate: '2025-11-11',
  studyDescription: 'CT Chest',
  modality: 'CT',
  seriesNumber: 1,
  seriesDescription: '',
  instanceNumber: 4,
  rows: 512,
  columns: 256,
  numberOfFrames: 1,
  sizeBytes: 525_288,
  sha256: 'abcdef0123456789'.repeat(4),
  problem: '',
  ...changes,
});

const differing = (received: ImageFacts, stored: ImageFacts | null) =>
  comparedFacts({ received, stored })
    .filter(({ differs }) => differs)
    .map(({ what }) => what);

describe('what two images say of themselves', () => {
  it('stands side by side, as it is said to a person', () => {
    const facts = comparedFacts({ received: image(), stored: image({ numberOfFrames: 8 }) });

    expect(facts.find(({ what }) => what === 'Patient')?.received).toBe('Testpatient, Tina');
    expect(facts.find(({ what }) => what === 'Born')?.received).toBe('2 Jan 1970');
    expect(facts.find(({ what }) => what === 'Size')).toEqual({ what: 'Size', received: '256 × 512', stored: '256 × 512, 8 frames', differs: true });
    expect(facts.find(({ what }) => what === 'Bytes')?.received).toBe('525,288');
  });

  it('differs where it differs', () => {
    expect(differing(image(), image({ patientId: 'MRN-2', sha256: '0'.repeat(64) }))).toEqual(['Number', 'SHA-256']);
    expect(differing(image(), image())).toEqual([]);
  });

  it('differs in nothing that one of them does not say', () => {
    expect(differing(image(), image({ patientBirthDate: null, sizeBytes: null, sha256: '' }))).toEqual([]);
    expect(differing(image(), null)).toEqual([]);
  });
});
