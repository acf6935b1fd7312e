import { claim, release, releaseAtOnce } from '@shared/api/orders';
import type { Order } from '@shared/api/types';
import { ProblemError } from '@shared/http/problem';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useClaim } from './use-claim';

const noted = vi.hoisted(() => vi.fn());
vi.mock('@shared/feedback/toasts', () => ({ noted }));
vi.mock('@shared/api/orders', () => ({
  accept: vi.fn(),
  claim: vi.fn(() => Promise.resolve({})),
  release: vi.fn(() => Promise.resolve({})),
  releaseAtOnce: vi.fn(() => Promise.resolve({})),
  orderQuery: (id: string) => ({ queryKey: ['orders', 'one', id], queryFn: () => new Promise(() => {}) }),
}));
vi.mock('@shared/shell/portal-context', () => ({ usePortal: () => ({ me: { id: 'adams' } }), useMay: () => () => true }));

const MINUTE = 60_000;
const opened = { id: 'order', version: 4, status: 'IMAGES_AVAILABLE', claim: null } as unknown as Order;
const input = () => window.dispatchEvent(new Event('pointermove'));
const pass = (minutes: number) => act(() => vi.advanceTimersByTimeAsync(minutes * MINUTE));

const pageEvent = (type: 'pagehide' | 'pageshow', persisted = false) => act(() => window.dispatchEvent(Object.assign(new Event(type), { persisted })));

/** The server takes its time for the next answer. */
function slowly() {
  vi.mocked(claim).mockImplementationOnce(() => new Promise((answer) => setTimeout(() => answer({} as Order), 1000)));
}

async function reading() {
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
  const hook = renderHook(() => useClaim(opened), { wrapper });
  await pass(0);
  return hook;
}

const taken = new ProblemError({ status: 409, code: 'claimed_by_other', title: '', detail: 'Dr. Baker is reading this case.' });

beforeEach(() => {
  vi.useFakeTimers();
  vi.mocked(claim).mockClear();
  vi.mocked(release).mockClear();
  vi.mocked(releaseAtOnce).mockClear();
  noted.mockClear();
});
afterEach(() => vi.useRealTimers());

it('a case that is opened is taken', async () => {
  const { unmount } = await reading();

  expect(claim).toHaveBeenCalledExactlyOnceWith('order');
  unmount();
  expect(release).toHaveBeenCalledWith('order');
});

it('a case that is left before the server has answered is given back as well', async () => {
  slowly();
  const { unmount } = await reading();

  unmount();
  expect(release).not.toHaveBeenCalled();
  await pass(0.1);

  expect(release).toHaveBeenCalledExactlyOnceWith('order');
});

it('a case that is left and opened again before the server has answered stays taken', async () => {
  slowly();
  const { unmount } = await reading();
  unmount();
  const again = await reading();

  await pass(0.1);

  expect(release).not.toHaveBeenCalled();
  again.unmount();
});

it('a page that is closed or reloaded gives its case back as it was seen, so that what the next page takes stays taken', async () => {
  const { unmount } = await reading();

  pageEvent('pagehide');

  expect(releaseAtOnce).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ id: 'order', version: 4 }));
  unmount();
});

it('a page that is closed over unsaved text keeps its case', async () => {
  const { result, unmount } = await reading();
  result.current.keep(true);

  pageEvent('pagehide');

  expect(releaseAtOnce).not.toHaveBeenCalled();
  unmount();
});

it('a page that is closed gives nothing back that somebody else reads', async () => {
  vi.mocked(claim).mockRejectedValueOnce(taken);
  const { unmount } = await reading();

  pageEvent('pagehide');

  expect(releaseAtOnce).not.toHaveBeenCalled();
  unmount();
});

it('a page that comes back from the history takes its case again', async () => {
  const { unmount } = await reading();
  pageEvent('pagehide', true);

  pageEvent('pageshow', true);
  await pass(0);

  expect(claim).toHaveBeenCalledTimes(2);
  unmount();
});

it('a case before which nobody sits any more is not kept', async () => {
  const { unmount } = await reading();

  await pass(8 * 60);

  expect(claim).toHaveBeenCalledOnce();
  unmount();
});

it('a case is kept for its reader five minutes after it was taken, however much is done', async () => {
  const { unmount } = await reading();
  await pass(1);
  for (let times = 0; times < 100; times += 1) input();

  await pass(3);
  expect(claim).toHaveBeenCalledOnce();
  await pass(1);

  expect(claim).toHaveBeenCalledTimes(2);
  unmount();
});

it('whoever looks at images for ten minutes and then moves has the whole lease again at once', async () => {
  const { unmount } = await reading();
  await pass(10);

  input();
  await pass(0);

  expect(claim).toHaveBeenCalledTimes(2);
  unmount();
});

it('whoever comes back to a case that somebody else took meanwhile is told, and gives nothing back', async () => {
  const { unmount } = await reading();
  await pass(60);
  vi.mocked(claim).mockRejectedValueOnce(taken);

  input();
  await pass(0);

  expect(noted).toHaveBeenCalledWith('Dr. Baker is reading this case. What you wrote is kept.', 'You were away');
  unmount();
  expect(release).not.toHaveBeenCalled();
});

it('whoever opens a case that somebody else reads is told by the banner alone', async () => {
  vi.mocked(claim).mockRejectedValueOnce(taken);
  const { unmount } = await reading();

  expect(noted).not.toHaveBeenCalled();
  unmount();
});

it('a case that one has signed oneself was taken by nobody', async () => {
  const { unmount } = await reading();
  await pass(5);
  vi.mocked(claim).mockRejectedValueOnce(new ProblemError({ status: 409, code: 'wrong_status', title: '', detail: 'The report is final.' }));

  input();
  await pass(0);

  expect(noted).not.toHaveBeenCalled();
  unmount();
});
