import { saveReport } from '@shared/api/reports';
import type { Report, Study } from '@shared/api/types';
import type { LocalDraft } from '@shared/drafts/merge';
import type { ReportContent } from '@shared/report/content';
import { EMPTY_REPORT } from '@shared/report/content';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Claim } from './use-claim';
import { useReportDraft } from './use-report-draft';

const told = vi.hoisted(() => vi.fn());
const server = vi.hoisted(() => ({ report: null as unknown }));
const browser = vi.hoisted(() => ({ left: null as unknown, written: [] as unknown[] }));
vi.mock('@shared/feedback/toasts', () => ({ told, noted: vi.fn(), refused: vi.fn() }));
vi.mock('@shared/api/reports', () => ({ reportOfOrderQuery: (id: string) => ({ queryKey: ['report', id], queryFn: () => server.report }), saveReport: vi.fn() }));
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

const study = { numberOfInstances: 1, revisionOpenedAt: '2025-11-11T09:00:00Z' } as Study;

const conflict = { section: 'impression', yours: 'Mine.', theirs: 'Hers.' };
const recovered: LocalDraft<ReportContent> = { content: { ...EMPTY_REPORT, findings: 'Of last night.' }, base: EMPTY_REPORT, baseVersion: 0, savedAt: 0, conflicts: [conflict] };

async function opened() {
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
  const hook = renderHook(() => useReportDraft('order', { keep: () => {} } as unknown as Claim, [study]), { wrapper });
  await vi.waitFor(() => expect(hook.result.current.isReady).toBe(true));
  return hook;
}

/** A case in which text came back, and more was typed since. */
async function typedAfterRecovery() {
  const hook = await opened();
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

describe('what is typed', () => {
  afterEach(() => vi.useRealTimers());

  it('is kept in this browser while somebody types on without a pause', async () => {
    Object.assign(browser, { left: { ...recovered, conflicts: [] }, written: [] });
    vi.useFakeTimers();
    const { result } = await opened();

    for (const findings of ['A', 'Ab', 'Abc', 'Abcd', 'Abcde']) {
      act(() => result.current.change({ findings }));
      await act(() => vi.advanceTimersByTimeAsync(100));
    }

    expect(browser.written).toContainEqual(expect.objectContaining({ content: expect.objectContaining({ findings: expect.stringMatching(/^A/) }) }));
  });
});

describe('images that changed while nobody had the draft open', () => {
  const draftOf = (createdAt: string) => ({ ...EMPTY_REPORT, status: 'PRELIMINARY', version: 1, versions: [{ createdAt }] });

  beforeEach(() => Object.assign(browser, { left: { ...recovered, content: EMPTY_REPORT, conflicts: [] } }));
  afterEach(() => (server.report = null));

  it('are told to whoever goes on with it, until they are looked at', async () => {
    server.report = draftOf('2025-11-11T08:00:00Z');
    const { result } = await opened();
    expect(result.current.changedImages).toBe('Images changed');

    act(() => result.current.seeImages());

    expect(result.current.changedImages).toBe('');
  });

  it('are not told where it was saved after them', async () => {
    server.report = draftOf('2025-11-11T10:00:00Z');
    const { result } = await opened();

    expect(result.current.changedImages).toBe('');
  });
});

describe('a save that is asked for while another one is under way', () => {
  /** Saves that wait for their answers, in the order in which they came. */
  let waiting: Array<{ body: Record<string, unknown>; answer: () => void; refuse: () => void }>;

  beforeEach(() => {
    waiting = [];
    Object.assign(browser, { left: { ...recovered, conflicts: [] }, written: [] });
    vi.mocked(saveReport).mockImplementation((_order, body) =>
      new Promise((resolve, reject) => {
        const { findings, expectedVersion } = body;
        const version = (expectedVersion ?? 0) + 1;
        const report = { ...EMPTY_REPORT, findings, version, versions: [] } as unknown as Report;
        waiting.push({ body, answer: () => resolve(report), refuse: () => reject(new Error('Broken.')) });
      }),
    );
  });

  it('takes what was typed since, once that one has ended', async () => {
    const { result } = await opened();
    let [first, second]: Array<Promise<boolean>> = [];
    act(() => void (first = result.current.save()));
    act(() => result.current.change({ findings: 'Of last night. And more.' }));
    act(() => void (second = result.current.save()));
    expect(waiting).toHaveLength(1);

    await act(async () => waiting[0]?.answer());
    expect(await first).toBe(true);
    expect(result.current).toMatchObject({ isSaving: true, isDirty: true });
    expect(waiting[1]?.body).toMatchObject({ findings: 'Of last night. And more.', expectedVersion: 1 });

    await act(async () => waiting[1]?.answer());
    expect(await second).toBe(true);
    expect(result.current).toMatchObject({ isSaving: false, isDirty: false, version: 2 });
  });

  it('asks for nothing where nothing was typed since', async () => {
    const { result } = await opened();
    const saves: Array<Promise<boolean>> = [];
    act(() => void saves.push(result.current.save(), result.current.save(), result.current.save()));

    await act(async () => waiting[0]?.answer());

    expect(await Promise.all(saves)).toEqual([true, true, true]);
    expect(waiting).toHaveLength(1);
  });

  it('waits for its writer where that one was refused', async () => {
    const { result } = await opened();
    const saves: Array<Promise<boolean>> = [];
    act(() => void saves.push(result.current.save()));
    act(() => result.current.change({ findings: 'Of last night. And more.' }));
    act(() => void saves.push(result.current.save()));

    await act(async () => waiting[0]?.refuse());

    expect(await Promise.all(saves)).toEqual([false, false]);
    expect(waiting).toHaveLength(1);
    expect(result.current).toMatchObject({ isSaving: false, isDirty: true });
  });
});
