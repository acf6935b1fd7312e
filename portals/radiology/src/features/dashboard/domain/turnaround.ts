/** Turnaround points as the chart wants them: one row for each day, one column for each priority. */
import type { Dashboard } from '@shared/api/types';

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
    const day = days.get(point.day) ?? { day: point.day.slice(5) };
    days.set(point.day, { ...day, [priorityName(point)]: Math.round(point.medianMinutes) });
  }
  return [...days.values()];
}
