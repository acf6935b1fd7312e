import { LiveProvider } from '@shared/live/live';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { useSteadyRows } from './use-steady-rows';

interface Row {
  id: string;
  version: number;
  status: string;
}

const keyOf = (row: Row) => row.id;
const waiting = { id: 'a', version: 1, status: 'IMAGES_AVAILABLE' };
const other = { id: 'b', version: 1, status: 'IMAGES_AVAILABLE' };
let say: (message: unknown) => void;

beforeEach(() => {
  vi.stubGlobal(
    'WebSocket',
    class {
      onmessage: ((event: { data: string }) => void) | null = null;
      constructor() {
        say = (message) => this.onmessage?.({ data: JSON.stringify(message) });
      }
      close() {}
    },
  );
});
afterEach(() => vi.unstubAllGlobals());

function shownOf(rows: Row[]) {
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={queries}>
      <LiveProvider position="1">{children}</LiveProvider>
    </QueryClientProvider>
  );
  return renderHook((newest: Row[]) => useSteadyRows(newest, 'all', keyOf), { wrapper, initialProps: rows });
}

it('shows what has become of a row that the list lost before the push came', () => {
  const { result, rerender } = shownOf([waiting, other]);
  rerender([other]);

  act(() => say({ type: 'order.updated', position: '7', data: { id: 'a', version: 2, status: 'FINAL_REPORT' } }));

  expect(result.current.rows).toEqual([{ id: 'a', version: 2, status: 'FINAL_REPORT' }, other]);
  expect(result.current.gone.map(keyOf)).toEqual(['a']);
});

it('keeps a row that is newer than the push', () => {
  const { result, rerender } = shownOf([{ ...waiting, version: 3 }, other]);
  rerender([other]);

  act(() => say({ type: 'order.updated', position: '7', data: { id: 'a', version: 2, status: 'FINAL_REPORT' } }));

  expect(result.current.rows[0]).toEqual({ ...waiting, version: 3 });
});
