import { describe, expect, it, test } from 'vitest';
import { countdown } from './countdown';
import { ageAt, hospitalTime, personName, shortDuration } from './hospital-time';

describe('the hospital clock', () => {
  const berlin = hospitalTime('Europe/Berlin');

  it('shows its own zone, whatever the browser has', () => {
    expect(berlin.dateTime('2025-11-11T23:30:00Z')).toBe('12 Nov 2025 00:30');
  });

  it('knows the calendar day of an instant', () => {
    expect(berlin.day('2025-11-11T23:30:00Z')).toBe('2025-11-12');
  });

  test.each([
    ['of today', '2025-11-12T09:05:00Z', '10:05'],
    ['of today in the hospital, though of yesterday in UTC', '2025-11-11T23:30:00Z', '00:30'],
    ['of yesterday in the hospital', '2025-11-11T22:30:00Z', '11 Nov 23:30'],
    ['of days ago', '2025-11-08T13:05:00Z', '08 Nov 14:05'],
    ['of tomorrow', '2025-11-13T07:00:00Z', '13 Nov 08:00'],
    ['of another year', '2024-11-12T09:05:00Z', '12 Nov 2024 10:05'],
  ])('tells a time %s near to now', (_when, at, told) => {
    expect(berlin.near(at, new Date('2025-11-12T10:00:00Z'))).toBe(told);
  });

  test.each(['2025-07-01 09:00:00', '2025-12-01 09:00:00', '2025-03-30 03:15:00', '2025-10-26 12:00:00'])('finds the instant of %s', (wall) => {
    expect(berlin.wall(berlin.instant(wall))).toBe(wall);
  });
});

describe('a countdown', () => {
  const at = (minutes: number) => countdown({ startedAt: 0, dueAt: 60 * 60_000, now: minutes * 60_000 });

  it('is calm while most of the time is left', () => {
    expect(at(10)).toMatchObject({ urgency: 'calm', text: '50 min left' });
  });

  it('is soon in its last quarter', () => {
    expect(at(45).urgency).toBe('soon');
  });

  it('counts on when it is late', () => {
    expect(at(75)).toMatchObject({ urgency: 'late', text: '15 min late' });
  });
});

test.each([
  [5_000, '5 s'],
  [65_000, '1 min 05 s'],
  [25 * 60_000 + 59_000, '25 min'],
  [2 * 3600_000 + 10 * 60_000, '2 h 10 min'],
  [3 * 86_400_000, '3 d 0 h'],
])('%d ms is told as %s', (milliseconds, text) => {
  expect(shortDuration(milliseconds)).toBe(text);
});

test.each([
  ['1960-01-02', '66Y'],
  ['2025-10-01', '5M'],
  ['2026-02-20', '10D'],
  [null, ''],
])('born %s is aged %s', (birthDate, age) => {
  expect(ageAt(birthDate, '2026-03-02T10:00:00Z')).toBe(age);
});

test('a DICOM name is shown family first', () => {
  expect(personName('Doe^John^Q^Dr.^')).toBe('Doe, John Q');
});
