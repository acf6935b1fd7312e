import { describe, expect, it } from 'vitest';
import { isKept, NEW_ORDER } from './kept';

const DAY_MS = 86_400_000;

describe('a draft in this browser', () => {
  it('stays for its writer over a weekend', () => {
    expect(isKept('adams/order', 0, 'adams', 3 * DAY_MS)).toBe(true);
  });

  it('goes after four days', () => {
    expect(isKept('adams/order', 0, 'adams', 4 * DAY_MS)).toBe(false);
  });

  it('goes when somebody else signs in', () => {
    expect(isKept('adams/order', 0, 'baker', 0)).toBe(false);
  });

  it('is not taken for that of somebody with a similar name', () => {
    expect(isKept('adams2/order', 0, 'adams', 0)).toBe(false);
  });

  it('goes after half a day, if it is a new order', () => {
    const age = (days: number) => isKept(`adams/${NEW_ORDER}/tab`, 0, 'adams', days * DAY_MS);

    expect([age(0.4), age(0.5)]).toEqual([true, false]);
  });
});
