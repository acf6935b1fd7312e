import { describe, expect, it } from 'vitest';
import { noticeKey, unreadOf } from './unread';

const report = (id: string, status: 'PRELIMINARY' | 'FINAL' | 'AMENDED', signedAt: string | null = null) => ({ id, status, signedAt, updatedAt: signedAt ?? '2026-03-02T10:00:00Z' });

describe('an opened result', () => {
  const final = report('r', 'FINAL', '2026-03-02T11:00:00Z');

  it('is not told again', () => {
    expect(unreadOf([final], new Set([noticeKey(final)]))).toEqual([]);
  });

  it('is told again when it is amended', () => {
    const amended = report('r', 'AMENDED', '2026-03-02T12:00:00Z');

    expect(unreadOf([amended], new Set([noticeKey(final)]))).toEqual([amended]);
  });

  it('is told again when a preliminary one is signed', () => {
    expect(unreadOf([final], new Set([noticeKey(report('r', 'PRELIMINARY'))]))).toEqual([final]);
  });

  it('is not told again because a draft was saved once more', () => {
    const draft = report('r', 'PRELIMINARY');

    expect(unreadOf([{ ...draft, updatedAt: '2026-03-02T13:00:00Z' }], new Set([noticeKey(draft)]))).toEqual([]);
  });
});

it('lists the newest first', () => {
  const [early, late] = [report('a', 'FINAL', '2026-03-02T09:00:00Z'), report('b', 'FINAL', '2026-03-02T12:00:00Z')];

  expect(unreadOf([early, late], new Set())).toEqual([late, early]);
});
