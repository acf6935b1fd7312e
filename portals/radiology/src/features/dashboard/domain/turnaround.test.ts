import { expect, it } from 'vitest';
import { turnaroundSeries } from './turnaround';

const point = (day: string, priority: 'STAT' | 'ROUTINE', medianMinutes: number) => ({ day, priority, medianMinutes, p90Minutes: 2 * medianMinutes, reports: 1 });

it('has a row for each day, in order, named as a person names it', () => {
  const days = turnaroundSeries([point('2026-12-01', 'STAT', 12.4), point('2026-11-05', 'ROUTINE', 90), point('2026-11-05', 'STAT', 20)]);

  expect(days).toEqual([
    { day: '5 Nov', Routine: 90, STAT: 20 },
    { day: '1 Dec', STAT: 12 },
  ]);
});
