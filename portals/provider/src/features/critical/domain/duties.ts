/** What a person still has to do about critical findings. Pure. */
import type { Alert } from '@shared/api/types';

export type Duty = 'acknowledge' | 'read-back';

/** What this person owes an alert; null when it is somebody else's now, or done. */
export function dutyOf(alert: Alert, personId: string): Duty | null {
  if (alert.status === 'CLOSED') return null;
  if (alert.status === 'ACKNOWLEDGED') return alert.acknowledgement?.personId === personId ? 'read-back' : null;
  const isOnLadder = alert.responsibleId === personId || alert.ladder.some((step) => step.personId === personId);
  return isOnLadder && alert.notifiedPersonIds.includes(personId) ? 'acknowledge' : null;
}

/** Until when, and what happens then. */
export function deadlineOf(alert: Alert): { at: string; from: string; then: string } {
  const last = alert.status === 'ACKNOWLEDGED' ? (alert.acknowledgement?.at ?? alert.openedAt) : (alert.attempts.at(-1)?.dueAt ?? alert.openedAt);
  const next = nextPerson(alert);
  if (alert.nextStepAt) return { at: alert.nextStepAt, from: last, then: alert.status === 'ACKNOWLEDGED' ? 'the alert opens again' : next ? `${next} is told` : 'it is repeated' };
  return { at: alert.acknowledgeBy, from: alert.openedAt, then: 'the time limit is over' };
}

function nextPerson(alert: Alert): string {
  return alert.ladder.find((step) => step.number === alert.currentStep + 1)?.personName ?? '';
}

/** Those whose time runs out first come first. */
export function byDeadline(one: Alert, other: Alert): number {
  return deadlineOf(one).at < deadlineOf(other).at ? -1 : 1;
}

const WORD = /[\p{L}\p{N}]+/gu;

/** A read-back says what was understood: more than "ok", and in words. The server keeps it as it is. */
export function isReadBack(text: string): boolean {
  return (text.match(WORD) ?? []).length >= 2;
}
