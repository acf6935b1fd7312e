/** Turnaround points as the chart wants them: one row for each day, one column for each priority. */
import type { Dashboard } from '@shared/api/types';

const NAMES: Record<string, 'STAT' | 'Urgent' | 'Routine'> = { STAT: 'STAT', URGENT: 'Urgent', ROUTINE: 'Routine' };

export interface TurnaroundDay {
  day: string;
  STAT?: number;
  Urgent?: number;
  Routine?: number;
}

export function turnaroundSeries(points: Dashboard['turnaround']): TurnaroundDay[] {
  const days = new Map<string, TurnaroundDay>();
  for (const point of [...points].sort((one, other) => one.day.localeCompare(other.day))) {
    const day = days.get(point.day) ?? { day: point.day.slice(5) };
    days.set(point.day, { ...day, [NAMES[point.priority] ?? point.priority]: Math.round(point.medianMinutes) });
  }
  return [...days.values()];
}
