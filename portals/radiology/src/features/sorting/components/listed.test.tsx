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

const list = (...items: string[]) => {
  const query = { data: { items, total: items.length }, isFetchedAfterMount: true } as unknown as UseQueryResult<{ items: string[]; total: number }>;
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
};

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
