import type { LocalDraft } from '@shared/drafts/merge';
import type { ReportContent } from '@shared/report/content';
import { EMPTY_REPORT } from '@shared/report/content';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { Claim } from './use-claim';
import { useReportDraft } from './use-report-draft';

const told = vi.hoisted(() => vi.fn());
const browser = vi.hoisted(() => ({ left: null as unknown, written: [] as unknown[] }));
vi.mock('@shared/feedback/toasts', () => ({ told, noted: vi.fn(), refused: vi.fn() }));
vi.mock('@shared/api/reports', () => ({ reportOfOrderQuery: (id: string) => ({ queryKey: ['report', id], queryFn: () => null }), saveReport: vi.fn() }));
vi.mock('@shared/shell/portal-context', () => ({ usePortal: () => ({ me: { id: 'reader' } }) }));
vi.mock('@shared/drafts/draft-tab', () => ({
  DraftTab: class {
    open: () => Promise<void>;
    constructor({ onLeft }: { onLeft: (draft: unknown) => void }) {
      this.open = async () => onLeft(browser.left);
    }
    write = async (draft: unknown) => void browser.written.push(draft);
    clear = async () => {};
    close = () => {};
  },
}));

const conflict = { section: 'impression', yours: 'Mine.', theirs: 'Hers.' };
const recovered: LocalDraft<ReportContent> = { content: { ...EMPTY_REPORT, findings: 'Of last night.' }, base: EMPTY_REPORT, baseVersion: 0, savedAt: 0, conflicts: [conflict] };

/** A case in which text came back, and more was typed since. */
async function typedAfterRecovery() {
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
  const hook = renderHook(() => useReportDraft('order', { keep: () => {} } as unknown as Claim, { arrived: 1, withdrawn: 0 }), { wrapper });
  await vi.waitFor(() => expect(hook.result.current.isReady).toBe(true));
  act(() => hook.result.current.change({ impression: 'Of this morning.' }));
  act(() => hook.result.current.discard());
  return hook;
}

const undo = () => act(() => told.mock.lastCall?.[1].act());

describe('text that is discarded', () => {
  beforeEach(() => {
    told.mockReset();
    Object.assign(browser, { left: recovered, written: [] });
  });

  it('is gone, and the message can undo it', async () => {
    const { result } = await typedAfterRecovery();

    expect(result.current.content).toEqual(EMPTY_REPORT);
    expect(told.mock.lastCall).toMatchObject(['Discarded', { label: 'Undo' }]);
  });

  it('comes back whole: what was recovered, what was typed since, and what waits for a decision', async () => {
    const { result } = await typedAfterRecovery();
    undo();

    expect(result.current.content).toMatchObject({ findings: 'Of last night.', impression: 'Of this morning.' });
    expect(result.current.conflicts).toEqual([conflict]);
  });

  it('takes nothing from what is typed after it', async () => {
    const { result } = await typedAfterRecovery();
    act(() => result.current.change({ technique: 'CT.', findings: 'Anew.' }));
    undo();

    expect(result.current.content).toMatchObject({ technique: 'CT.', findings: 'Anew.', impression: 'Of this morning.' });
    expect(result.current.conflicts).toContainEqual({ section: 'findings', yours: 'Of last night.', theirs: 'Anew.', isOwn: true });
  });

  it('waits in this browser when the case was left meanwhile', async () => {
    const { unmount } = await typedAfterRecovery();
    unmount();
    undo();

    expect(browser.written).toContainEqual(expect.objectContaining({ content: { ...EMPTY_REPORT, findings: 'Of last night.', impression: 'Of this morning.' } }));
  });
});
