import { MantineProvider } from '@mantine/core';
import type { ReactNode } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { describe, expect, it } from 'vitest';
import { NoRight, PageWithoutRight } from './states';

const drawn = (children: ReactNode) => renderToStaticMarkup(<MantineProvider>{children}</MantineProvider>);

describe('a page that the role does not include', () => {
  it('has the heading of a page, so that a screen reader lands on it', () => {
    expect(drawn(<PageWithoutRight />)).toMatch(/<h1[^>]*>Not for your role<\/h1>/);
  });

  it('has none of its own where the page around it has one', () => {
    expect(drawn(<NoRight />)).toMatch(/<h2[^>]*>Not for your role<\/h2>/);
  });
});
