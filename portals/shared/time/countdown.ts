/** What a deadline looks like now. Pure, so that the board, the worklist and the tests agree. */
import { shortDuration } from './hospital-time';

export type Urgency = 'calm' | 'soon' | 'late';

export interface Countdown {
  urgency: Urgency;
  text: string;
  /** For a screen reader: a sentence without abbreviations. */
  spoken: string;
}

/** `soon` begins at the last quarter of the allowed time. */
export function countdown({ startedAt, dueAt, now }: { startedAt: number; dueAt: number; now: number }): Countdown {
  const left = dueAt - now;
  const text = shortDuration(left);
  if (left < 0) return { urgency: 'late', text: `${text} late`, spoken: `overdue by ${text}` };
  const urgency = left <= (dueAt - startedAt) / 4 ? 'soon' : 'calm';
  return { urgency, text: `${text} left`, spoken: `${text} left` };
}
