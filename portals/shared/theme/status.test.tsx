import { describe, expect, it } from 'vitest';
import type { Order } from '../api/types';
import { examStatusLabel, orderStatusLabel } from './status';

it('calls an order ready for read only when all its images are here', () => {
  expect(orderStatusLabel({ status: 'IMAGES_AVAILABLE', readyForReadAt: null })).toBe('Images arriving');
  expect(orderStatusLabel({ status: 'IMAGES_AVAILABLE', readyForReadAt: '2026-01-01T00:00:00Z' })).toBe('Ready for read');
  expect(orderStatusLabel({ status: 'IMAGES_AVAILABLE' })).toBe('Images available');
});

it('calls an order amended whose report is', () => {
  const label = (reportStatus: 'FINAL' | 'AMENDED' | undefined) => orderStatusLabel({ status: 'FINAL_REPORT' }, reportStatus);

  expect([label(undefined), label('FINAL'), label('AMENDED')]).toEqual(['Final', 'Final', 'Amended']);
});

describe('an exam that is scheduled', () => {
  const scheduled = { status: 'SCHEDULED', screening: null, checkedInAt: null } as const;
  const here = { ...scheduled, checkedInAt: '2026-01-01T08:00:00Z' };

  it('says whether its patient is here', () => {
    expect([examStatusLabel(scheduled), examStatusLabel(here)]).toEqual(['Scheduled', 'Patient is here']);
  });

  it('says that a radiologist has to decide', () => {
    expect(examStatusLabel({ ...here, screening: { passed: false } as unknown as Order['screening'] })).toBe('Decision open');
  });

  it('says neither any more once it has begun', () => {
    expect(examStatusLabel({ ...here, status: 'IN_PROGRESS' })).toBe('In progress');
  });
});
