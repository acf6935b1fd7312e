import { MantineProvider } from '@mantine/core';
import { client } from '@shared/api/generated/client.gen';
import type { Order } from '@shared/api/types';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AssignDialog } from './assign-dialog';

const order = { id: 'o1', version: 3, orderNumber: 'ORD-1', studyType: 'CT Chest', patient: { name: 'DOE^JANE', mrn: '1', birthDate: null }, assignedRadiologistId: null, assignedRadiologistName: '' } as unknown as Order;

/** More readers than any page holds; the server finds whom the words name. */
const READERS = [...Array.from({ length: 900 }, (_, index) => `Dr. ${String(index).padStart(3, '0')} Abel`), 'Dr. Emma Young'];
let assigned: unknown[];

beforeEach(() => {
  assigned = [];
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  Element.prototype.scrollIntoView = () => undefined;
  client.setConfig({
    baseUrl: 'http://gateway.test',
    fetch: async (input) => {
      const request = input as Request;
      const { pathname, searchParams } = new URL(request.url);
      if (pathname.endsWith('/people')) {
        expect(searchParams.get('role')).toBe('RADIOLOGIST');
        const named = READERS.filter((name) => name.toLowerCase().includes(searchParams.get('staffName') ?? '')).slice(0, Number(searchParams.get('pageSize')));
        return Response.json({ items: named.map((name) => ({ id: name, name, title: '', roles: ['RADIOLOGIST'] })), total: named.length, page: 1, pageSize: 50 });
      }
      assigned.push((await request.json()).radiologistId);
      return Response.json({});
    },
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const dialog = (shown: Order, onClose: () => void) =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <AssignDialog order={shown} onClose={onClose} />
      </MantineProvider>
    </QueryClientProvider>,
  );

it('assigns to any reader of the house, by the keyboard alone', async () => {
  const user = userEvent.setup();
  const onClose = vi.fn();
  dialog(order, onClose);

  await user.type(screen.getByRole('combobox', { name: /Reader/ }), 'young');
  await screen.findByRole('option', { name: 'Dr. Emma Young' });
  await user.keyboard('{ArrowDown}{Enter}');

  await vi.waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(assigned).toEqual(['Dr. Emma Young']);
});

it('takes a case back', async () => {
  const user = userEvent.setup();
  const onClose = vi.fn();
  dialog({ ...order, assignedRadiologistId: 'x', assignedRadiologistName: 'Dr. X' } as Order, onClose);

  await user.click(screen.getByRole('button', { name: 'Assign to nobody' }));

  await vi.waitFor(() => expect(onClose).toHaveBeenCalled());
  expect(assigned).toEqual([null]);
});
