import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { client } from '../api/generated/client.gen';
import type { Alert } from '../api/types';
import { HandOverForm } from './hand-over-form';

const alert = { id: 'a', responsibleId: 'responsible', finding: { foundBy: { id: 'finder' } } } as unknown as Alert;

/** The server says who is on the ladder. */
const ON_LADDER = ['responsible', 'finder', 'oncall'];
const STAFF = [...ON_LADDER, 'nowhere'];

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  client.setConfig({
    baseUrl: 'http://gateway.test',
    fetch: (input) => {
      const { searchParams } = new URL((input as Request).url);
      const among = searchParams.get('canBeTold') === 'true' ? ON_LADDER : STAFF;
      const ids = among.filter((id) => id.includes(searchParams.get('staffName') ?? ''));
      return Promise.resolve(Response.json({ items: ids.map((id) => ({ id, name: `Dr. ${id}`, title: '', roles: ['PROVIDER'] })), total: ids.length, page: 1, pageSize: 50 }));
    },
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const form = () =>
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <HandOverForm alert={alert} onDone={() => {}} />
      </MantineProvider>
    </QueryClientProvider>,
  );

it('offers whom the ladder can reach, besides who has the finding and who raised it', async () => {
  const user = userEvent.setup();
  form();

  await user.click(screen.getByRole('combobox', { name: /To whom/ }));
  await screen.findByRole('option', { name: 'Dr. oncall' });

  expect(screen.getAllByRole('option').map(({ textContent }) => textContent)).toEqual(['Dr. oncall']);
});

it('says of somebody else that the on-call list does not reach this person, and not that there is none', async () => {
  const user = userEvent.setup();
  form();

  await user.type(screen.getByRole('combobox', { name: /To whom/ }), 'nowhere');

  expect(await screen.findByText('Nobody of this name can be reached by the on-call list')).toBeTruthy();
});
