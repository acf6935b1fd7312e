import { expect, it } from 'vitest';
import { causeOf, kindOf } from './dead-letters';

it('names the event and its cause as a clinician would', () => {
  expect(kindOf('images.ingested')).toBe('An image');
  expect(causeOf('ObjectMissing')).toEqual({ why: 'Its file is not in the image store.', advice: 'Try again when the file is there.' });
});

it('sends whoever reads of an unknown error to a person who can mend it', () => {
  expect(causeOf('KeyError').advice).toContain('whoever looks after the system');
});
