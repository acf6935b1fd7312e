import { describe, expect, it } from 'vitest';
import { kindOf, mismatch } from './inspect';

const order = { modality: 'CT' as const, accessionNumber: 'A1', patient: { mrn: 'P1' } };
const dicom = () => {
  const head = new Uint8Array(132);
  head.set([0x44, 0x49, 0x43, 0x4d], 128);
  return head;
};

describe('a file', () => {
  it('is known by its content, not by its name', () => {
    expect([kindOf('IM0001', dicom()), kindOf('a.dcm', new Uint8Array([0xff, 0xd8])), kindOf('b', new Uint8Array([0x50, 0x4b])), kindOf('notes.txt', new Uint8Array([1, 2]))]).toEqual(['dicom', 'picture', 'zip', 'unknown']);
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
