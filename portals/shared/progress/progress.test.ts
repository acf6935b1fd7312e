import { describe, expect, it } from 'vitest';
import type { Order, OrderStatus, Report } from '../api/types';
import { isCancellable, stepsOf } from './progress';

const order = (status: OrderStatus, ...reached: OrderStatus[]) =>
  ({
    status,
    createdAt: '2026-03-02T08:00:00Z',
    appointment: { id: 'a' },
    history: reached.map((one, hour) => ({ status: one, at: `2026-03-02T1${hour}:00:00Z`, by: null, reason: '' })),
  }) as unknown as Order;

describe('the way of an order', () => {
  it('begins when it is ordered', () => {
    expect(stepsOf(order('SCHEDULED'))[0]).toMatchObject({ state: 'now', at: '2026-03-02T08:00:00Z' });
  });

  it('says that there is no appointment yet', () => {
    expect(stepsOf({ ...order('SCHEDULED'), appointment: null } as Order)[0]?.label).toBe('Ordered, no appointment yet');
  });

  it('stands where the order stands', () => {
    const steps = stepsOf(order('IMAGES_AVAILABLE', 'SCHEDULED', 'IN_PROGRESS', 'IMAGES_AVAILABLE'));

    expect(steps.map(({ state }) => state)).toEqual(['done', 'done', 'now', 'open', 'open']);
  });

  it.each([
    ['images that were all taken out again', '2026-03-02T11:30:00Z', 'Exam in progress, images taken out'],
    ['none that ever came', null, 'Exam in progress'],
  ])('tells %s', (_, imagesCapturedAt, label) => {
    const waiting = { ...order('IN_PROGRESS', 'SCHEDULED', 'IN_PROGRESS', 'IMAGES_AVAILABLE', 'IN_PROGRESS'), imagesCapturedAt, receivedInstances: 0 };

    expect(stepsOf(waiting).find(({ state }) => state === 'now')?.label).toBe(label);
  });

  it('leaves out the preliminary report that never was', () => {
    const steps = stepsOf(order('FINAL_REPORT', 'SCHEDULED', 'IN_PROGRESS', 'IMAGES_AVAILABLE', 'FINAL_REPORT'));

    expect(steps.map(({ status }) => status)).not.toContain('PRELIMINARY_REPORT');
  });

  it('goes on to the amended report, with the time of its signature', () => {
    const final = order('FINAL_REPORT', 'SCHEDULED', 'IN_PROGRESS', 'IMAGES_AVAILABLE', 'FINAL_REPORT');
    const lastOf = (status: Report['status']) => stepsOf(final, { status, signedAt: '2026-03-03T09:00:00Z' }).at(-1);

    expect(lastOf('FINAL')?.label).toBe('Final report');
    expect(lastOf('AMENDED')).toMatchObject({ label: 'Amended report', state: 'done', at: '2026-03-03T09:00:00Z' });
  });

  it('ends where a cancelled order had come to', () => {
    expect(stepsOf(order('CANCELLED', 'SCHEDULED', 'IN_PROGRESS', 'CANCELLED'))[1]?.state).toBe('now');
  });
});

it('is cancelled only before its images', () => {
  expect((['SCHEDULED', 'IN_PROGRESS', 'IMAGES_AVAILABLE', 'FINAL_REPORT', 'CANCELLED'] as const).map((status) => isCancellable({ status }))).toEqual([true, true, false, false, false]);
});
