import { describe, expect, it } from 'vitest';
import { wordDiff } from './word-diff';

describe('the difference of two texts', () => {
  it('is nothing when they are equal', () => {
    expect(wordDiff('No acute finding.', 'No acute finding.')).toEqual([{ kind: 'same', text: 'No acute finding.' }]);
  });

  it('shows what was taken out and what was put in', () => {
    expect(wordDiff('Nodule on the left.', 'Nodule on the right.')).toEqual([
      { kind: 'same', text: 'Nodule on the ' },
      { kind: 'removed', text: 'left.' },
      { kind: 'added', text: 'right.' },
    ]);
  });

  it('joined again gives both texts back', () => {
    const [before, after] = ['a b  c\nd', 'a x c\nd e'];
    const parts = wordDiff(before, after);

    expect(parts.filter((part) => part.kind !== 'added').map((part) => part.text).join('')).toBe(before);
    expect(parts.filter((part) => part.kind !== 'removed').map((part) => part.text).join('')).toBe(after);
  });
});
