import { describe, expect, test } from 'vitest';
import { mayMean } from './may-mean';

const doe = { name: 'Doe^John^Quincy', mrn: 'MRN-0042' };

describe('what is typed before the server has answered', () => {
  test.each(['', 'doe', 'john doe', 'Doe, J', '0042', 'mrn-0042 '])('may mean the patient: %s', (text) => {
    expect(mayMean(doe, text)).toBe(true);
  });

  test.each(['miller', 'doe jane', '0043'])('means nobody else: %s', (text) => {
    expect(mayMean(doe, text)).toBe(false);
  });
});
