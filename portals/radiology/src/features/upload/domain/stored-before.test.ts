import { beforeEach, describe, expect, it, vi } from 'vitest';
import { StoredBefore } from './stored-before';

const DAY = 86_400_000;

beforeEach(() => localStorage.clear());

describe('what was stored before', () => {
  it('is known again after a reload, with what was said of it', () => {
    new StoredBefore('order').add('digest', 'The patient differs');

    expect(new StoredBefore('order').said('digest')).toBe('The patient differs');
    expect(new StoredBefore('order').count).toBe(1);
  });

  it('was stored for its order only', () => {
    new StoredBefore('order').add('digest', '');

    expect(new StoredBefore('other').said('digest')).toBeUndefined();
  });

  it('is sent again by who wants that', () => {
    const before = new StoredBefore('order');
    before.add('digest', '');

    before.forget(['digest']);

    expect(new StoredBefore('order').count).toBe(0);
  });

  it('is forgotten after some days, of every order', () => {
    new StoredBefore('old').add('digest', '', 0);

    new StoredBefore('order', localStorage, 5 * DAY);

    expect(localStorage).toHaveLength(0);
  });

  it('is forgotten of all orders but the last ones, since a browser has not much room', () => {
    for (let order = 1; order <= 25; order += 1) new StoredBefore(String(order), localStorage, order).add('digest', '', order);

    new StoredBefore('order', localStorage, 25);

    expect(Object.keys(localStorage).map((key) => Number(key.replace('uploaded/', ''))).sort((one, other) => one - other)).toEqual(Array.from({ length: 20 }, (_, index) => index + 6));
  });

  it('is sent once more where the browser has no room to remember it', () => {
    const full = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('', 'QuotaExceededError');
    });

    new StoredBefore('order').add('digest', '');
    full.mockRestore();

    expect(new StoredBefore('order').count).toBe(0);
  });
});
