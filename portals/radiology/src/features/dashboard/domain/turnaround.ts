/** Turnaround points as the chart wants them: one row for each day, one column for each priority. */
import type { Dashboard } from '@shared/api/types';
import { calendarDate } from '@shared/viewer/study-listing';

type Name = 'STAT' | 'Urgent' | 'Routine';

const NAMES: Record<Dashboard['turnaround'][number]['priority'], Name> = { STAT: 'STAT', URGENT: 'Urgent', ROUTINE: 'Routine' };

export const priorityName = ({ priority }: Dashboard['turnaround'][number]): Name => NAMES[priority];

export interface TurnaroundDay {
  day: string;
  STAT?: number;
  Urgent?: number;
  Routine?: number;
}

export function turnaroundSeries(points: Dashboard['turnaround']): TurnaroundDay[] {
  const days = new Map<string, TurnaroundDay>();
  for (const point of [...points].sort((one, other) => one.day.localeCompare(other.day))) {
    const day = days.get(point.day) ?? { day: dayAndMonth(point.day) };
    days.set(point.day, { ...day, [priorityName(point)]: Math.round(point.medianMinutes) });
  }
  return [...days.values()];
}

/** `2026-11-05` as `5 Nov`; a day of the hospital has no zone. */
const dayAndMonth = (day: string): string => calendarDate(day).split(' ').slice(0, 2).join(' ');
