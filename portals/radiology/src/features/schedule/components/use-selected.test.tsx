import type { Order } from '@shared/api/types';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { expect, it, vi } from 'vitest';
import { useSelected } from './use-selected';

const server = vi.hoisted(() => ({ answer: null as unknown as (order: unknown) => void }));
vi.mock('@shared/api/orders', () => ({ orderQuery: (id: string) => ({ queryKey: ['orders', 'one', id], queryFn: () => new Promise((resolve) => (server.answer = resolve)) }) }));

const order = (id: string, version: number) => ({ id, version }) as Order;
const listed = order('a', 3);

function selection() {
  const queries = new QueryClient();
  const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={queries}>{children}</QueryClientProvider>;
  const initialProps: { id: string | null; orders: Order[] } = { id: 'a', orders: [listed, order('b', 1)] };
  return { ...renderHook(({ id, orders }) => useSelected(id, orders), { wrapper, initialProps }), queries };
}

it('who works on an order keeps it when it leaves the list, without a moment in which it is gone', async () => {
  const { result, rerender } = selection();

  rerender({ id: 'a', orders: [order('b', 1)] });
  expect(result.current).toBe(listed);

  server.answer(order('a', 4));
  await vi.waitFor(() => expect(result.current).toEqual(order('a', 4)));
});

it('an answer that is older than what was listed is not shown', async () => {
  const { result, rerender, queries } = selection();

  rerender({ id: 'a', orders: [] });
  await act(async () => server.answer(order('a', 2)));
  await vi.waitFor(() => expect(queries.isFetching()).toBe(0));

  expect(result.current).toBe(listed);
});

it('another order is not shown in place of one that has not come yet', () => {
  const { result, rerender } = selection();

  rerender({ id: 'c', orders: [listed] });
  expect(result.current).toBeUndefined();

  rerender({ id: null, orders: [listed] });
  expect(result.current).toBeUndefined();
});
