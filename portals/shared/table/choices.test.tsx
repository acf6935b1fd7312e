import { MantineProvider } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { Choices } from './choices';

vi.mock('@shared/live/live', () => ({ useLiveMessages: () => undefined }));

beforeEach(() => vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined })));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function choices(...ids: string[]) {
  const page = { items: ids.map((id) => ({ id })), total: ids.length };
  const query = { data: page, isFetching: false, isFetchedAfterMount: true } as UseQueryResult<typeof page>;
  return (
    <MantineProvider env="test">
      <Choices query={query} page={page} nouns={['order', 'orders']} empty={<p>No order fits.</p>}>
        {(rows) => rows.map(({ id }) => <button key={id}>Choose {id}</button>)}
      </Choices>
    </MantineProvider>
  );
}

const shown = () => screen.queryAllByRole('button', { name: /^Choose/ }).map(({ textContent }) => textContent);

it('an order that is pushed moves none of those that somebody chooses from, and waits until it is asked for', () => {
  const { rerender } = render(choices('a', 'b'));

  rerender(choices('new', 'b', 'a'));
  expect(shown()).toEqual(['Choose a', 'Choose b']);

  fireEvent.click(screen.getByRole('button', { name: /1 new/ }));
  expect(shown()).toEqual(['Choose new', 'Choose b', 'Choose a']);
});

it('what fits no more stays in its place, and is told', () => {
  const { rerender } = render(choices('a', 'b'));

  rerender(choices('b'));

  expect(shown()).toEqual(['Choose a', 'Choose b']);
  expect(screen.getByRole('button', { name: /1 gone/ })).toBeTruthy();
});

it('where nothing was found, what comes is shown at once', () => {
  const { rerender } = render(choices());
  expect(screen.getByText('No order fits.')).toBeTruthy();

  rerender(choices('a'));

  expect(shown()).toEqual(['Choose a']);
});
