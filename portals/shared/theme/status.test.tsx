import { expect, it } from 'vitest';
import { orderStatusLabel } from './status';

it('calls an order ready for read only when all its images are here', () => {
  expect(orderStatusLabel({ status: 'IMAGES_AVAILABLE', readyForReadAt: null })).toBe('Images arriving');
  expect(orderStatusLabel({ status: 'IMAGES_AVAILABLE', readyForReadAt: '2026-01-01T00:00:00Z' })).toBe('Ready for read');
  expect(orderStatusLabel({ status: 'IMAGES_AVAILABLE' })).toBe('Images available');
});
