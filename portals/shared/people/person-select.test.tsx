import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { client } from '../api/generated/client.gen';
import type { Chosen } from './person-select';
import { PersonSelect } from './person-select';

/** A house with more people than a list holds. */
const HOUSE = [...Array.from({ length: 300 }, (_, index) => `Dr. ${String(index).padStart(3, '0')} Abel`), 'Dr. Emma Young'];

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  Element.prototype.scrollIntoView = () => undefined;
  client.setConfig({
    baseUrl: 'http://gateway.test',
    fetch: (input) => {
      const words = (new URL((input as Request).url).searchParams.get('staffName') ?? '').toLowerCase().split(' ');
      const items = HOUSE.filter((name) => words.every((word) => name.toLowerCase().includes(word))).slice(0, 5);
      return Promise.resolve(Response.json({ items: items.map((name) => ({ id: name, name, title: '', roles: ['PROVIDER'] })), total: items.length, page: 1, pageSize: 5 }));
    },
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function Form({ onChosen, first = null }: { onChosen: (person: Chosen | null) => void; first?: Chosen | null }) {
  const [person, setPerson] = useState<Chosen | null>(first);
  const choose = (chosen: Chosen | null) => {
    setPerson(chosen);
    onChosen(chosen);
  };
  return (
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <PersonSelect label="To whom" value={person} onChange={choose} />
      </MantineProvider>
    </QueryClientProvider>
  );
}

it('finds whoever is asked for, in a house of any size, by the keyboard alone', async () => {
  const onChosen = vi.fn();
  const user = userEvent.setup();
  render(<Form onChosen={onChosen} />);

  await user.tab();
  await user.keyboard('young em');
  await screen.findByRole('option', { name: 'Dr. Emma Young' });
  await user.keyboard('{ArrowDown}{Enter}');

  expect(onChosen).toHaveBeenLastCalledWith(expect.objectContaining({ id: 'Dr. Emma Young' }));
  expect(screen.getByRole('combobox', { name: /To whom/ })).toHaveProperty('value', 'Dr. Emma Young');
});

it('shows who was chosen before, as in an order that is taken up again', async () => {
  const user = userEvent.setup();
  render(<Form onChosen={() => undefined} first={{ id: 'y', name: 'Dr. Emma Young' }} />);
  const field = screen.getByRole('combobox', { name: /To whom/ });

  expect(field).toHaveProperty('value', 'Dr. Emma Young');

  await user.click(field);
  expect(await screen.findByRole('option', { name: 'Dr. 000 Abel' })).toBeTruthy();
});
