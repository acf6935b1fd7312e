import { MantineProvider } from '@mantine/core';
import type { Order } from '@shared/api/types';
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { OrderList, WithoutSlot } from './order-lists';

vi.mock('@shared/live/live', () => ({ useLiveMessages: () => undefined }));
vi.mock('@shared/shell/portal-context', () => ({ useClock: () => ({ time: () => '08:00' }) }));

const order = (id: string) => ({ id, status: 'SCHEDULED', priority: 'ROUTINE', studyType: 'CT Head', patient: { name: id, mrn: id, birthDate: null }, appointment: null }) as unknown as Order;
const items = [order('a'), order('b')];

beforeEach(() => vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined })));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const list = (total: number) => <MantineProvider env="test"><OrderList page={{ items, total }} scope="day" selectedId={null} onSelect={() => {}} /></MantineProvider>;
const waiting = (total: number) => <MantineProvider env="test"><WithoutSlot page={{ items, total }} onSelect={() => {}} /></MantineProvider>;

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
