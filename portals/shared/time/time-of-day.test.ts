import { expect, it, test } from 'vitest';
import { isTimeOfDay, timeOfDay } from './time-of-day';

test.each([
  ['930', '09:30'],
  ['0930', '09:30'],
  ['9:30', '09:30'],
  ['9.30', '09:30'],
  [' 16h05 ', '16:05'],
  ['9', '09:00'],
  ['16', '16:00'],
  ['1630', '16:30'],
  ['00:00', '00:00'],
])('what is typed as %s is %s', (typed, time) => {
  expect(timeOfDay(typed)).toBe(time);
});

test.each(['', '24:00', '24', '9:75', '163', '4:30 pm', 'noon', '12345'])('“%s” is no time, and stays as it was typed', (typed) => {
  expect(timeOfDay(typed)).toBe(typed);
  expect(isTimeOfDay(typed)).toBe(false);
});

it('is a time only with two digits each', () => {
  expect(isTimeOfDay('09:30')).toBe(true);
  expect(isTimeOfDay('9:30')).toBe(false);
});
