import type { ViewerData } from '@shared/api/types';
import type { LocalDraft } from '@shared/drafts/merge';
import { OfflineError, ProblemError } from '@shared/http/problem';
import type { ViewerController } from '@shared/viewer/controller';
import type { StudyListing } from '@shared/viewer/study-listing';
import type { MeasurementRecord } from '@shared/viewer/measurements';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Drawn } from './measurement-keeper';
import { useMeasurements } from './use-measurements';

const server = vi.hoisted(() => ({ version: 0, annotations: [] as unknown[], failure: null as unknown, loadFailure: null as unknown, writes: 0 }));
vi.mock('@shared/api/studies', () => ({
  studyQuery: (studyInstanceUid: string) => ({ queryKey: ['study', studyInstanceUid], queryFn: () => ({ studyInstanceUid, series: [] }) }),
  measurementsQuery: (id: string) => ({
    queryKey: ['measurements', id],
    queryFn: () => {
      if (server.loadFailure) throw server.loadFailure;
      const others = { readerId: 'other', version: 1, annotations: [record('others', '5 mm')] };
      const mine = server.version > 0 ? [{ readerId: 'reader', version: server.version, annotations: server.annotations }] : [];
      return { items: [{ studyInstanceUid: '1.2', sets: [others, ...mine] }] };
    },
  }),
  writeMeasurements: async (_order: string, { annotations, expectedVersion }: { annotations: unknown[]; expectedVersion: number }) => {
    if (server.failure) throw server.failure;
    if (expectedVersion !== server.version) throw new ProblemError({ status: 412, code: 'measurements_stale', title: '', detail: 'Saved elsewhere.' });
    server.writes += 1;
    save(annotations);
    return { sets: [{ readerId: 'reader', version: server.version, annotations }] };
  },
}));

/** What lies in this browser; a tab hears of what another one has left. */
const browser = vi.hoisted(() => ({ draft: null as unknown, left: null as unknown }));
vi.mock('@shared/drafts/draft-tab', () => ({
  DraftTab: class {
    constructor(private readonly options: { onLeft: (draft: unknown) => void }) {}
    open = async () => void (browser.left && this.options.onLeft(browser.left));
    write = async (draft: unknown) => void (browser.draft = draft);
    clear = async () => void (browser.draft = null);
    close = () => {};
  },
}));
vi.mock('@shared/shell/portal-context', () => ({ useMay: () => () => true, usePortal: () => ({ me: { id: 'reader' } }) }));

function save(annotations: unknown[]) {
  server.version += 1;
  server.annotations = annotations;
}

function record(uid: string, text: string, study = '1.2'): MeasurementRecord {
  return { uid, text, annotation: { data: {}, metadata: { referencedImageId: `wado/studies/${study}/series/3/instances/4/frames/1` } } } as unknown as MeasurementRecord;
}

/** A viewer in which somebody draws. */
function drawing() {
  let told = () => {};
  const state = { measurements: [] as MeasurementRecord[] };
  const put = (measurements: MeasurementRecord[]) => {
    state.measurements = measurements;
    told();
  };
  const without = (uid: string) => state.measurements.filter((drawn) => drawn.uid !== uid);
  const viewer = {
    start: async () => {},
    getState: () => state,
    subscribe: (listener: () => void) => ((told = listener), () => {}),
    removeMeasurement: (uid: string) => put(without(uid)),
    restore: (records: MeasurementRecord[], { locked }: { locked: boolean }) =>
      put([...state.measurements, ...records.map((drawn) => ({ ...drawn, annotation: { ...drawn.annotation, isLocked: locked } }))]),
    priorOf: () => null,
    open: async ({ studyInstanceUid }: StudyListing) => void listed.push(studyInstanceUid),
  };
  const listed: string[] = [];
  const draw = (text: string, uid = 'one', study?: string) => put([...without(uid), record(uid, text, study)]);
  const shown = () => state.measurements.map(({ text }) => text).toSorted();
  return { viewer: viewer as unknown as ViewerController, draw, remove: viewer.removeMeasurement, shown, listed };
}

/** The case as the server tells it: a new object with each answer. */
const data = (studyInstanceUid = '1.2') => ({ order: { id: 'order' }, study: { studyInstanceUid }, studies: [{ studyInstanceUid }] }) as unknown as ViewerData;

const pass = (milliseconds: number) => act(() => vi.advanceTimersByTimeAsync(milliseconds));
const LONG = 60_000;

async function opened(viewer: ViewerController) {
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
  const hook = renderHook(({ shown }) => useMeasurements(viewer, shown), { wrapper, initialProps: { shown: data() } });
  await pass(10);
  return hook;
}

const onServer = () => (server.annotations as MeasurementRecord[]).map(({ text }) => text).toSorted();
const keptHere = () => (browser.draft as LocalDraft<Drawn> | null)?.content.records.map(({ text }) => text) ?? [];
const asksBeforeLeaving = () => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));

beforeEach(() => {
  vi.useFakeTimers();
  Object.assign(server, { version: 0, annotations: [], failure: null, loadFailure: null, writes: 0 });
  Object.assign(browser, { draft: null, left: null });
});
afterEach(() => vi.useRealTimers());

describe('what is drawn', () => {
  it('is written once, when the hand rests', async () => {
    const { viewer, draw } = drawing();
    await opened(viewer);
    draw('10 mm');
    draw('20 mm');
    await pass(2000);
    expect([onServer(), server.writes]).toEqual([['20 mm'], 1]);
  });

  it('is written although news of the study comes while the hand rests', async () => {
    const { viewer, draw } = drawing();
    const { rerender } = await opened(viewer);
    draw('20 mm');
    rerender({ shown: data() });
    await pass(2000);
    expect(onServer()).toEqual(['20 mm']);
  });

  it('is written when the case is left at once', async () => {
    const { viewer, draw } = drawing();
    const { unmount } = await opened(viewer);
    draw('20 mm');
    unmount();
    await pass(10);
    expect([onServer(), keptHere()]).toEqual([['20 mm'], []]);
  });

  it('comes back with what others drew, and nothing is written for it', async () => {
    save([record('one', '20 mm')]);
    const { viewer, shown } = drawing();
    const { result } = await opened(viewer);
    await pass(2000);
    expect([shown(), server.writes]).toEqual([['20 mm', '5 mm'], 0]);
    expect(result.current).toMatchObject({ isLoaded: true, isUnsaved: false });
  });

  it('on a prior is written with the exam that is read', async () => {
    const { viewer, draw } = drawing();
    const { result } = await opened(viewer);
    draw('8 mm', 'old', '9.9');
    await pass(2000);
    expect([onServer(), result.current.isUnsaved]).toEqual([['8 mm'], false]);
  });

  it('on a prior comes back with the prior, whoever drew it', async () => {
    save([record('old', '8 mm', '9.9')]);
    const { viewer, shown, listed } = drawing();
    await opened(viewer);
    await pass(2000);
    expect([shown(), listed, server.writes]).toEqual([['5 mm', '8 mm'], ['9.9'], 0]);
  });

  it('on a prior comes back from this browser, too', async () => {
    browser.left = { base: { records: [] }, content: { records: [record('old', '8 mm', '9.9')] }, baseVersion: 0, savedAt: 0 };
    const { viewer, listed } = drawing();
    await opened(viewer);
    await pass(2000);
    expect([onServer(), listed]).toEqual([['8 mm'], ['9.9']]);
  });

  it('on a study that was taken out of the exam since is not written, and nobody waits for it', async () => {
    const { viewer, draw } = drawing();
    const { result, rerender } = await opened(viewer);
    rerender({ shown: data('1.3') });
    draw('8 mm', 'gone', '1.2');
    await pass(2000);
    expect([server.writes, result.current.isUnsaved]).toEqual([0, false]);
  });

  it('says that it is not on the server until it is', async () => {
    const { viewer, draw } = drawing();
    const { result } = await opened(viewer);
    await act(async () => draw('20 mm'));
    expect([result.current.isUnsaved, asksBeforeLeaving()]).toEqual([true, true]);
    await pass(2000);
    expect([result.current.isUnsaved, asksBeforeLeaving()]).toEqual([false, false]);
  });
});

describe('what was drawn in another tab', () => {
  it('is not lost to the first drawing here, and appears on the images', async () => {
    const { viewer, draw, shown } = drawing();
    await opened(viewer);
    save([record('elsewhere', '30 mm')]);
    draw('20 mm');
    await pass(LONG);
    expect(onServer()).toEqual(['20 mm', '30 mm']);
    expect(shown()).toEqual(['20 mm', '30 mm', '5 mm']);
  });

  it('comes together with each drawing that follows', async () => {
    const { viewer, draw } = drawing();
    await opened(viewer);
    for (const turn of [1, 2]) {
      save([...server.annotations, record(`elsewhere ${turn}`, `3${turn} mm`)]);
      draw(`2${turn} mm`, `here ${turn}`);
      await pass(LONG);
    }
    expect(onServer()).toEqual(['21 mm', '22 mm', '31 mm', '32 mm']);
  });

  it('does not bring back what was removed here', async () => {
    save([record('one', '20 mm'), record('two', '21 mm')]);
    const { viewer, remove, shown } = drawing();
    await opened(viewer);
    save([...server.annotations, record('elsewhere', '30 mm')]);
    remove('one');
    await pass(LONG);
    expect(onServer()).toEqual(['21 mm', '30 mm']);
    expect(shown()).toEqual(['21 mm', '30 mm', '5 mm']);
  });

  it('goes where it was removed there', async () => {
    save([record('one', '20 mm')]);
    const { viewer, draw, shown } = drawing();
    await opened(viewer);
    save([]);
    draw('21 mm', 'two');
    await pass(LONG);
    expect([onServer(), shown()]).toEqual([['21 mm'], ['21 mm', '5 mm']]);
  });

  it('is met when the case is left at once', async () => {
    const { viewer, draw } = drawing();
    const { unmount } = await opened(viewer);
    save([record('elsewhere', '30 mm')]);
    draw('20 mm');
    unmount();
    await pass(10);
    expect(onServer()).toEqual(['20 mm', '30 mm']);
  });
});

describe('without a network', () => {
  it('a drawing waits, says so, and is saved when the network is back', async () => {
    const { viewer, draw } = drawing();
    const { result } = await opened(viewer);
    server.failure = new OfflineError();
    draw('20 mm');
    await pass(5000);
    expect(result.current).toMatchObject({ isUnsaved: true, isWaiting: true });
    expect(keptHere()).toEqual(['20 mm']);
    server.failure = null;
    window.dispatchEvent(new Event('online'));
    await pass(1000);
    expect([onServer(), keptHere()]).toEqual([['20 mm'], []]);
    expect(result.current).toMatchObject({ isUnsaved: false, isWaiting: false });
  });

  it('a drawing stays in this browser when the case is left', async () => {
    const { viewer, draw } = drawing();
    const { unmount } = await opened(viewer);
    server.failure = new OfflineError();
    draw('20 mm');
    await pass(5000);
    unmount();
    await pass(LONG);
    expect(keptHere()).toEqual(['20 mm']);
  });

  it('what was left is on the images again, and is saved', async () => {
    save([record('one', '20 mm'), record('two', '21 mm')]);
    browser.left = { base: { records: [record('one', '20 mm')] }, content: { records: [record('three', '22 mm')] }, baseVersion: 0, savedAt: 0 };
    const { viewer, shown } = drawing();
    await opened(viewer);
    await pass(2000);
    expect(shown()).toEqual(['21 mm', '22 mm', '5 mm']);
    expect(onServer()).toEqual(['21 mm', '22 mm']);
  });
});

describe('a refusal', () => {
  const refusal = new ProblemError({ status: 500, code: 'broken', title: '', detail: 'Something is broken.' });

  it('of loading is told, nothing passes for saved, and trying again saves what was drawn', async () => {
    save([record('one', '20 mm')]);
    server.loadFailure = refusal;
    const { viewer, draw, shown } = drawing();
    const { result } = await opened(viewer);
    draw('21 mm', 'two');
    await pass(2000);
    expect(result.current).toMatchObject({ isLoaded: false, isUnsaved: true, error: refusal });
    server.loadFailure = null;
    await act(async () => result.current.saveNow());
    await pass(2000);
    expect(result.current).toMatchObject({ isLoaded: true, isUnsaved: false, error: null });
    expect(onServer()).toEqual(['20 mm', '21 mm']);
    expect(shown()).toEqual(['20 mm', '21 mm', '5 mm']);
  });

  it('of loading leaves what was drawn in this browser when the case is left', async () => {
    server.loadFailure = refusal;
    const { viewer, draw } = drawing();
    const { unmount } = await opened(viewer);
    draw('21 mm', 'two');
    unmount();
    await pass(10);
    expect(keptHere()).toEqual(['21 mm']);
  });

  it('of saving is told, and trying again saves', async () => {
    const { viewer, draw } = drawing();
    const { result } = await opened(viewer);
    server.failure = refusal;
    draw('20 mm');
    await pass(2000);
    expect(result.current).toMatchObject({ isUnsaved: true, error: refusal });
    server.failure = null;
    await act(async () => result.current.saveNow());
    await pass(10);
    expect(onServer()).toEqual(['20 mm']);
  });
});
