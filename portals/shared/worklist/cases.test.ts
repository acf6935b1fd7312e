import { describe, expect, it } from 'vitest';
import type { Order } from '../api/types';
import { imageCount, nextCase } from './cases';

const order = (change: Partial<Order>): Order => ({ id: 'a', status: 'IMAGES_AVAILABLE', readyForReadAt: '2025-12-31T23:00:00Z', priority: 'ROUTINE', assignedRadiologistId: null, claim: null, ...change }) as Order;
const claimedBy = (radiologistId: string, expiresAt = '2030-01-01T00:00:00Z') => ({ radiologistId, radiologistName: 'Dr. Baker', claimedAt: '2025-01-01T00:00:00Z', expiresAt });
const now = Date.parse('2026-01-01T00:00:00Z');

describe('the next case', () => {
  it('is a STAT before anything else', () => {
    expect(nextCase([order({ id: 'a', assignedRadiologistId: 'me' }), order({ id: 's', priority: 'STAT' })], 'me', now)?.id).toBe('s');
  });

  it('is mine before nobody’s', () => {
    expect(nextCase([order({ id: 'a' }), order({ id: 'b', assignedRadiologistId: 'me' })], 'me', now)?.id).toBe('b');
  });

  it('is never one that a colleague reads', () => {
    expect(nextCase([order({ id: 'a', claim: claimedBy('other') }), order({ id: 'b' })], 'me', now)?.id).toBe('b');
  });

  it('is none whose preliminary report somebody works on, though it stands first', () => {
    expect(nextCase([order({ id: 'p', status: 'PRELIMINARY_REPORT' }), order({ id: 'b' })], 'me', now)?.id).toBe('b');
  });

  it('may be one whose claim has run out', () => {
    expect(nextCase([order({ id: 'a', claim: claimedBy('other', '2025-01-01T00:00:00Z') })], 'me', now)?.id).toBe('a');
  });

  it('is not the one just read, nor one assigned to somebody else', () => {
    expect(nextCase([order({ id: 'a' }), order({ id: 'b', assignedRadiologistId: 'other' })], 'me', now, 'a')).toBeUndefined();
  });
});

describe('the next case, while images arrive', () => {
  it('is one whose images are all there, even if a STAT is on its way', () => {
    expect(nextCase([order({ id: 's', priority: 'STAT', readyForReadAt: null }), order({ id: 'b' })], 'me', now)?.id).toBe('b');
  });
});

describe('the number of images', () => {
  it('says what is missing', () => {
    expect(imageCount({ receivedInstances: 120, expectedInstances: 300 })).toBe('120 of 300');
  });

  it('is one number when all are there or nobody said how many', () => {
    expect([imageCount({ receivedInstances: 300, expectedInstances: 300 }), imageCount({ receivedInstances: 5, expectedInstances: null })]).toEqual(['300', '5']);
  });
});
