import { describe, expect, it } from 'vitest';
import { hoursAround, scrolledTo, timesOn } from './hours';

const day = { from: '07:00:00', until: '18:00:00' };

describe('the hours of the timeline', () => {
  it('are those of the rooms while nothing lies outside of them', () => {
    expect(hoursAround(day, ['09:10:00', '17:59:00'])).toEqual(day);
  });

  it('reach back to now before the rooms open', () => {
    expect(hoursAround(day, ['05:40:00'])).toEqual({ from: '05:00:00', until: '18:00:00' });
  });

  it('reach on to now after the rooms have closed', () => {
    expect(hoursAround(day, ['18:00:00'])).toEqual({ from: '07:00:00', until: '19:00:00' });
  });

  it('end with the day', () => {
    expect(hoursAround(day, ['23:20:00'])).toEqual({ from: '07:00:00', until: '23:59:59' });
  });

  it('stay those of the whole day', () => {
    const whole = { from: '00:00:00', until: '23:59:59' };

    expect(hoursAround(whole, ['12:00:00'])).toEqual(whole);
  });
});

it('an exam at night widens the day it is on, and not another', () => {
  const event = { start: '2026-03-02 22:30:00', end: '2026-03-03 01:00:00' };

  expect([timesOn('2026-03-02', [event]), timesOn('2026-03-03', [event]), timesOn('2026-03-04', [event])]).toEqual([['22:30:00', '23:59:59'], ['00:00:00', '00:59:59'], []]);
});

describe('the timeline opens', () => {
  const axis = { hours: { from: '00:00:00', until: '23:59:59' }, width: 4800, seen: 800 };

  it('with now in view, a quarter of what is seen behind it', () => {
    expect(scrolledTo({ ...axis, time: '12:00:00' })).toBe(2200);
  });

  it('at its start, when that is near', () => {
    expect(scrolledTo({ ...axis, time: '00:10:00' })).toBe(0);
  });

  it('at its start, when everything is in view', () => {
    expect(scrolledTo({ ...axis, width: 800, time: '12:00:00' })).toBe(0);
  });

  it('at its end late at night', () => {
    expect(scrolledTo({ ...axis, time: '23:50:00' })).toBe(4000);
  });
});
