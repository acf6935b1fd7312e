import { expect, it } from 'vitest';
import { EMPTY_DRAFT } from './draft';
import { keyFor } from './use-order-draft';

const kept = { draft: EMPTY_DRAFT, key: 'one', sent: '', encounterId: 'e' };
const other = () => 'other';

it('sends the same order with the same key, however often', () => {
  const first = keyFor(kept, EMPTY_DRAFT, other);

  expect([first.key, keyFor(first, EMPTY_DRAFT, other).key]).toEqual(['one', 'one']);
});

it('sends a changed order with another key', () => {
  const first = keyFor(kept, EMPTY_DRAFT, other);

  expect(keyFor(first, { ...EMPTY_DRAFT, indication: 'Cough' }, other).key).toBe('other');
});
