import { describe, expect, it } from 'vitest';
import { newestFirst, noticeKey } from './unread';

const report = (id: string, status: 'PRELIMINARY' | 'FINAL' | 'AMENDED', signedAt: string | null = null) => ({ id, status, signedAt, updatedAt: signedAt ?? '2026-03-02T10:00:00Z' });

describe('a result', () => {
  const draft = report('r', 'PRELIMINARY');
  const final = report('r', 'FINAL', '2026-03-02T11:00:00Z');

  it('is told again when it is amended', () => {
    expect(noticeKey(report('r', 'AMENDED', '2026-03-02T12:00:00Z'))).not.toBe(noticeKey(final));
  });

  it('is told again when a preliminary one is signed', () => {
    expect(noticeKey(final)).not.toBe(noticeKey(draft));
  });

  it('is not told again because a draft was saved once more', () => {
    expect(noticeKey({ ...draft, updatedAt: '2026-03-02T13:00:00Z' } as typeof draft)).toBe(noticeKey(draft));
  });
});

it('lists the newest first', () => {
  const [early, late] = [report('a', 'FINAL', '2026-03-02T09:00:00Z'), report('b', 'FINAL', '2026-03-02T12:00:00Z')];

  expect(newestFirst([early, late])).toEqual([late, early]);
});
