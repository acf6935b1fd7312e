import { describe, expect, it } from 'vitest';
import { dicomName, duplicatesOf } from './exams';

const now = Date.parse('2026-03-01T00:00:00Z');
const earlier = (change: object) => ({ modality: 'CT' as const, bodyPart: 'CHEST', status: 'FINAL_REPORT' as const, createdAt: '2026-02-20T00:00:00Z', ...change });
const wanted = { modality: 'CT' as const, bodyPart: 'CHEST' };

describe('a duplicate order', () => {
  it('is one of the same region and method in the last 30 days', () => {
    expect(duplicatesOf(wanted, [earlier({})], now)).toHaveLength(1);
  });

  it('is not one that was cancelled, is older, or of another region', () => {
    expect(duplicatesOf(wanted, [earlier({ status: 'CANCELLED' }), earlier({ createdAt: '2025-01-01T00:00:00Z' }), earlier({ bodyPart: 'HEAD' })], now)).toEqual([]);
  });
});

it('a name becomes a DICOM name without the characters that part it', () => {
  expect([dicomName('Doe', 'John'), dicomName('O^Brien', ''), dicomName('Müller', ' Anna ')]).toEqual(['Doe^John', 'O Brien', 'Müller^Anna']);
});
