import { MantineProvider } from '@mantine/core';
import type { UseQueryResult } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Listed } from './listed';

vi.mock('@shared/live/live', () => ({ useLiveMessages: () => undefined }));

beforeEach(() => vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined })));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

type Loading = Partial<Pick<UseQueryResult, 'isFetching' | 'isFetchedAfterMount'>>;

const list = (...items: string[]) => listAs({ isFetchedAfterMount: true }, ...items);

function listAs(loading: Loading, ...items: string[]) {
  const query = { data: { items, total: items.length }, isFetching: false, isFetchedAfterMount: false, ...loading } as unknown as UseQueryResult<{ items: string[]; total: number }>;
  return (
    <MantineProvider env="test">
      <Listed query={query} scope="waiting" keyOf={(item) => item} nouns={['image', 'images']} empty={<p>Nothing to decide</p>}>
        {(item, settle) => (
          <article aria-label={item}>
            <button onClick={settle}>Decide {item}</button>
          </article>
        )}
      </Listed>
    </MantineProvider>
  );
}

/** A person decides by keyboard, and the list is loaded anew. */
function decide(item: string, rerender: (ui: ReturnType<typeof list>) => void, ...left: string[]): void {
  const button = screen.getByRole('button', { name: `Decide ${item}` });
  button.focus();
  fireEvent.click(button);
  rerender(list(...left));
}

const focused = () => document.activeElement?.textContent;

describe('who decides by keyboard stays in the list', () => {
  it('at the item that moves up', () => {
    const { rerender } = render(list('a', 'b', 'c'));

    decide('b', rerender, 'a', 'c');

    expect(focused()).toBe('Decide c');
  });

  it('at the one before, after the last one', () => {
    const { rerender } = render(list('a', 'b'));

    decide('b', rerender, 'a');

    expect(focused()).toBe('Decide a');
  });

  it('where it says that nothing is left', () => {
    const { rerender } = render(list('a'));

    decide('a', rerender);

    expect(focused()).toBe('Nothing to decide');
  });

  it('and keeps the place that was chosen meanwhile', () => {
    const { rerender } = render(list('a', 'b', 'c'));
    fireEvent.click(screen.getByRole('button', { name: 'Decide a' }));
    screen.getByRole('button', { name: 'Decide c' }).focus();

    rerender(list('b', 'c'));

    expect(focused()).toBe('Decide c');
  });

  it('at the item that somebody else has dealt with, which offers nothing any more', () => {
    const { rerender } = render(list('a', 'b'));
    screen.getByRole('button', { name: 'Decide a' }).focus();

    rerender(list('b'));

    expect(focused()).toContain('Somebody has dealt with this one');
  });
});

describe('a list that was loaded before it is opened', () => {
  const shown = () => screen.getAllByRole('article').map((article) => article.getAttribute('aria-label'));

  it('holds still from the beginning, when it was loaded a moment ago', () => {
    const { rerender } = render(listAs({}, 'a', 'b'));

    rerender(listAs({ isFetchedAfterMount: true }, 'new', 'a', 'b'));

    expect(shown()).toEqual(['a', 'b']);
    expect(screen.getByRole('button', { name: /1 new/ })).toBeTruthy();
  });

  it('is laid out again when it is loaded anew at that moment', () => {
    const { rerender } = render(listAs({ isFetching: true }, 'a', 'b'));

    rerender(listAs({ isFetchedAfterMount: true }, 'new', 'b'));

    expect(shown()).toEqual(['new', 'b']);
  });
});
