import { MantineProvider } from '@mantine/core';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { ProblemError, toProblem } from '../http/problem';
import { Loaded, NoRight, PageWithoutRight } from './states';

const drawn = (children: ReactNode) => renderToStaticMarkup(<MantineProvider>{children}</MantineProvider>);

describe('a page that the role does not include', () => {
  it('has the heading of a page, so that a screen reader lands on it', () => {
    expect(drawn(<PageWithoutRight />)).toMatch(/<h1[^>]*>Not for your role<\/h1>/);
  });

  it('has none of its own where the page around it has one', () => {
    expect(drawn(<NoRight />)).toMatch(/<h2[^>]*>Not for your role<\/h2>/);
  });
});

describe('what could not be loaded', () => {
  const failing = (status: number, body: object) => ({ data: undefined, error: new ProblemError(toProblem(status, body)), isPending: false, refetch: () => undefined });
  const page = (status: number, body: object) =>
    drawn(
      <Loaded query={failing(status, body)} what="order">
        {() => null}
      </Loaded>,
    );

  it('says that there is no such order, where there is none; to try again would bring none', () => {
    const told = page(404, { code: 'not_found', detail: 'This does not exist, or you may not see it.' });

    expect(told).toMatch(/<h2[^>]*>There is no such order<\/h2>/);
    expect(told).not.toContain('Try again');
  });

  it('offers to try again what may come', () => {
    expect(page(503, {})).toContain('Try again');
  });
});
