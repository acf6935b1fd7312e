import { MantineProvider } from '@mantine/core';
import type { Order } from '@shared/api/types';
import { OfflineError } from '@shared/http/problem';
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { daySummary, OrderList, WithoutSlot } from './order-lists';

vi.mock('@shared/live/live', () => ({ useLiveMessages: () => undefined }));
vi.mock('@shared/shell/portal-context', () => ({ useClock: () => ({ time: () => '08:00' }) }));

const order = (id: string) => ({ id, status: 'SCHEDULED', priority: 'ROUTINE', studyType: 'CT Head', patient: { name: id, mrn: id, birthDate: null }, appointment: null }) as unknown as Order;
const items = [order('a'), order('b')];

beforeEach(() => vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined })));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const loaded = (data: { items: Order[]; total: number } | undefined, error: unknown = null) => ({ data, error, isPending: !data && !error, refetch: () => undefined });
const list = (total: number) => <MantineProvider env="test"><OrderList page={{ items, total }} scope="day" selectedId={null} onSelect={() => {}} /></MantineProvider>;
const waiting = (total: number) => <MantineProvider env="test"><WithoutSlot query={loaded({ items, total })} onSelect={() => {}} /></MantineProvider>;

it('a day that holds more than is listed says so, and how to see the others', () => {
  render(list(731));

  expect(screen.getByText('The first 2 of 731, by time: choose a modality or priority for the others')).toBeTruthy();
});

it('a whole day is by time', () => {
  render(list(2));

  expect(screen.getByText('By time')).toBeTruthy();
});

it('orders without a slot say when there are more than are listed', () => {
  const { rerender } = render(waiting(300));
  expect(screen.getByText('The first 2 of 300')).toBeTruthy();

  rerender(waiting(2));
  expect(screen.getByText('2 orders')).toBeTruthy();
});

it('orders without a slot that could not be loaded are not said to be none', () => {
  render(<MantineProvider env="test"><WithoutSlot query={loaded(undefined, new OfflineError())} onSelect={() => {}} /></MantineProvider>);

  expect(screen.getByText('No connection')).toBeTruthy();
  expect(screen.queryByText(/Every order has its appointment/)).toBeNull();
});

it('what was cancelled is no appointment of its day', () => {
  const cancelled = { ...order('c'), status: 'CANCELLED' } as Order;

  expect(daySummary({ items: [...items, cancelled], total: 3 })).toBe('2 appointments, 1 cancelled');
  expect(daySummary({ items, total: 2 })).toBe('2 appointments');
});
