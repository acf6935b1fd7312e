import { expect, it } from 'vitest';
import { causeOf, kindOf, stateTitle, waitsForDecision } from './dead-letters';

it('names the event and its cause as a clinician would', () => {
  expect(kindOf('images.ingested')).toBe('An image');
  expect(causeOf('ObjectMissing')).toEqual({ why: 'Its file is not in the image store.', advice: 'Try again when the file is there.' });
});

it('sends whoever reads of an unknown error to a person who can mend it', () => {
  expect(causeOf('KeyError').advice).toContain('whoever looks after the system');
});

it('a message waits for a decision until it is tried again, and when it failed again', () => {
  const at = '2026-01-05T08:00:00Z';

  expect(waitsForDecision({ at, replayedAt: null })).toBe(true);
  expect(waitsForDecision({ at, replayedAt: '2026-01-05T09:00:00Z' })).toBe(false);
  expect(waitsForDecision({ at, replayedAt: at })).toBe(true);
});

it('that everything works is not said without what waits for a decision', () => {
  expect(stateTitle('09:00', 0)).toBe('Everything works, 09:00');
  expect(stateTitle('09:00', 1)).toBe('Everything works, 09:00. 1 message waits for a decision below');
  expect(stateTitle('09:00', 2)).toBe('Everything works, 09:00. 2 messages wait for a decision below');
});
