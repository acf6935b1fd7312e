import type { Equipment, Order } from '@shared/api/types';
import { hospitalTime } from '@shared/time/hospital-time';
import { describe, expect, it } from 'vitest';
import { examSteps, hoursShown, readScheduleSearch, roomsOf, screeningVerdict, timelineEvents } from './schedule';

const order = (change: Partial<Order>) => ({ id: 'o', status: 'SCHEDULED', priority: 'ROUTINE', studyType: 'CT Head', screeningRequired: [], screening: null, checkedInAt: null, startedAt: null, completedAt: null, appointment: null, ...change }) as Order;
const room = (opens: string, closes: string) => ({ id: 'r', openingHours: [{ weekday: 0, opens, closes }], blockedTimes: [] }) as unknown as Equipment;
const waits = (one: Order) => Object.fromEntries(examSteps(one).map(({ step, waitsFor }) => [step, waitsFor]));

describe('the steps of an exam', () => {
  it('begin with the patient', () => {
    expect(waits(order({})).start).toBe('Check the patient in first.');
  });

  it('wait for a screening that the exam needs', () => {
    expect(waits(order({ checkedInAt: '2026-01-01T08:00:00Z', screeningRequired: ['mri'] })).start).toBe('The safety screening must be passed first.');
  });

  it('wait for a radiologist where an answer speaks against the exam', () => {
    const screening = { passed: false, concerns: ['Pacemaker'] } as unknown as Order['screening'];

    expect(waits(order({ checkedInAt: '2026-01-01T08:00:00Z', screeningRequired: ['mri'], screening })).start).toBe('A radiologist has to decide on the safety screening first.');
  });

  it('do not ask for a screening that it does not need', () => {
    expect(examSteps(order({})).map(({ step }) => step)).toEqual(['check-in', 'start', 'complete']);
  });
});

describe('a screening with concerns', () => {
  const screening = { concerns: ['Pacemaker'], passed: false, overrideReason: '', overriddenBy: null } as unknown as NonNullable<Order['screening']>;

  it('says who has to decide', () => {
    expect(screeningVerdict(screening)).toBe('Pacemaker; a radiologist has to decide');
  });

  it('says who decided, and why', () => {
    const by = { id: 'a', name: 'Dr. Ruth Adams', role: 'RADIOLOGIST' as const };

    expect(screeningVerdict({ ...screening, passed: true, overrideReason: 'MR conditional', overriddenBy: by })).toBe('Pacemaker; cleared by Dr. Ruth Adams: MR conditional');
  });
});

describe('the timeline', () => {
  it('is drawn in the hospital’s time', () => {
    const appointment = { equipmentId: 'r', startsAt: '2026-01-01T23:30:00Z', endsAt: '2026-01-02T00:00:00Z' } as Order['appointment'];

    expect(timelineEvents([order({ appointment })], [], hospitalTime('Europe/Berlin'))).toMatchObject([{ start: '2026-01-02 00:30:00', resourceId: 'r' }]);
  });

  it('leaves out what was cancelled', () => {
    expect(timelineEvents([order({ status: 'CANCELLED', appointment: {} as Order['appointment'] })], [], hospitalTime('UTC'))).toEqual([]);
  });

  it('shows the hours in which a room works', () => {
    expect(hoursShown([room('06:00:00', '20:30:00')])).toEqual({ from: '06:00:00', until: '21:00:00' });
  });

  it.each(['00:00:00', '23:30:00'])('goes on until midnight for a room that closes at %s', (closes) => {
    expect(hoursShown([room('00:00:00', closes)])).toEqual({ from: '00:00:00', until: '23:59:59' });
  });
});

it('an address with a wrong date shows today', () => {
  expect(readScheduleSearch({ date: 'tomorrow', modality: 'CT', x: 1 })).toEqual({ modality: 'CT' });
});

it('an address names the order whose panel is open', () => {
  expect([readScheduleSearch({ order: 'o1' }), readScheduleSearch({ order: ['o1'] })]).toEqual([{ order: 'o1' }, {}]);
});

describe('the rooms of a day', () => {
  const one = (id: string, active: boolean, modality = 'CT') => ({ id, active, modality }) as Equipment;
  const booked = (equipmentId: string, status: Order['status'] = 'SCHEDULED') => order({ status, appointment: { equipmentId } as Order['appointment'] });

  it('are those in use', () => {
    expect(roomsOf([one('a', true), one('b', false)], []).map(({ id }) => id)).toEqual(['a']);
  });

  it('hold one that is not in use while something stands in it', () => {
    expect(roomsOf([one('a', false), one('b', false)], [booked('a'), booked('b', 'CANCELLED')]).map(({ id }) => id)).toEqual(['a']);
  });

  it('are of the modality that was asked for', () => {
    expect(roomsOf([one('a', true), one('b', true, 'MRI')], [], 'MRI').map(({ id }) => id)).toEqual(['b']);
  });
});
