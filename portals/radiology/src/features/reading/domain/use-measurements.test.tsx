import type { ViewerData } from '@shared/api/types';
import type { ViewerController } from '@shared/viewer/controller';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { useMeasurements } from './use-measurements';

const writeMeasurements = vi.hoisted(() => vi.fn());
vi.mock('@shared/api/studies', () => ({
  measurementsQuery: (id: string) => ({ queryKey: ['measurements', id], queryFn: () => ({ items: [] }) }),
  writeMeasurements,
}));
vi.mock('@shared/shell/portal-context', () => ({ useMay: () => () => true, usePortal: () => ({ me: { id: 'reader' } }) }));

/** A viewer in which somebody draws. */
function drawing() {
  let told = () => {};
  const state = { measurements: [] as unknown[] };
  const viewer = { start: async () => {}, restore: () => {}, getState: () => state, subscribe: (listener: () => void) => ((told = listener), () => {}) };
  const draw = (text: string) => {
    state.measurements = [{ uid: 'one', text, annotation: { data: {}, metadata: { referencedImageId: 'wado/studies/1.2/series/3' } } }];
    told();
  };
  return { viewer: viewer as unknown as ViewerController, draw };
}

/** The case as the server tells it: a new object with each answer. */
const data = () => ({ order: { id: 'order' }, study: { studyInstanceUid: '1.2' }, studies: [{ studyInstanceUid: '1.2' }] }) as unknown as ViewerData;

async function opened(viewer: ViewerController) {
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
  const hook = renderHook(({ shown }) => useMeasurements(viewer, shown), { wrapper, initialProps: { shown: data() } });
  await act(() => vi.advanceTimersByTimeAsync(10));
  return hook;
}

const written = () => writeMeasurements.mock.calls.map(([, { annotations }]) => annotations.map(({ text }: { text: string }) => text));

describe('what is drawn', () => {
  beforeEach(() => {
    vi.useFakeTimers();
    writeMeasurements.mockReset().mockResolvedValue({ sets: [{ readerId: 'reader', version: 1 }] });
  });
  afterEach(() => vi.useRealTimers());

  it('is written once, when the hand rests', async () => {
    const { viewer, draw } = drawing();
    await opened(viewer);
    draw('10 mm');
    draw('20 mm');
    await act(() => vi.advanceTimersByTimeAsync(2000));
    expect(written()).toEqual([['20 mm']]);
  });

  it('is written although news of the study comes while the hand rests', async () => {
    const { viewer, draw } = drawing();
    const { rerender } = await opened(viewer);
    draw('20 mm');
    rerender({ shown: data() });
    await act(() => vi.advanceTimersByTimeAsync(2000));
    expect(written()).toEqual([['20 mm']]);
  });

  it('is written when the case is left at once', async () => {
    const { viewer, draw } = drawing();
    const { unmount } = await opened(viewer);
    draw('20 mm');
    unmount();
    await act(() => vi.advanceTimersByTimeAsync(10));
    expect(written()).toEqual([['20 mm']]);
  });
});
