import { describe, expect, it } from 'vitest';
import { kindOf, mismatch } from './inspect';

const order = { modality: 'CT' as const, accessionNumber: 'A1', patient: { mrn: 'P1' } };
const dicom = () => {
  const head = new Uint8Array(132);
  head.set([0x44, 0x49, 0x43, 0x4d], 128);
  return head;
};

const text = (content: string) => new TextEncoder().encode(content);

describe('a file', () => {
  it('is known by its content, not by its name', () => {
    expect([dicom(), text('\x08\x00\x05\x00CS'), text('\x02\x00\x00\x00UL'), new Uint8Array([0xff, 0xd8]), text('PK')].map(kindOf)).toEqual(['dicom', 'dicom', 'dicom', 'picture', 'zip']);
  });

  it('that is none of ours is told apart, and speaks against nobody', () => {
    const notes = kindOf(text('Patient was late.'));

    expect(notes).toBe('other');
    expect(mismatch({ kind: notes }, order)).toEqual([]);
  });

  it('that fits says nothing', () => {
    expect(mismatch({ kind: 'dicom', patientId: 'P1', modality: 'CT', accessionNumber: 'A1' }, order)).toEqual([]);
  });

  it('of another patient is told before it is sent', () => {
    expect(mismatch({ kind: 'dicom', patientId: 'P2', modality: 'MR' }, order)).toEqual(['Patient P2', 'Modality MR']);
  });

  it('that tells nothing is left to the server', () => {
    expect(mismatch({ kind: 'dicom' }, order)).toEqual([]);
  });
});
