import { MantineProvider } from '@mantine/core';
import { QueryClientProvider } from '@tanstack/react-query';
import { act } from 'react';
import { createRoot } from 'react-dom/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { newQueryClient } from '../http/query-client';
import { pageOf } from './page-of';

vi.mock('./portal-context', () => ({ useMay: () => (action: string) => action === 'report.read' }));

const Reports = () => <h1>Reports</h1>;
let root: ReturnType<typeof createRoot>;

beforeEach(() => {
  vi.stubGlobal('IS_REACT_ACT_ENVIRONMENT', true);
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')));
  root = createRoot(document.body.appendChild(document.createElement('div')));
});

afterEach(async () => {
  await act(() => root.unmount());
  document.body.replaceChildren();
  vi.unstubAllGlobals();
});

async function show(Shown: ReturnType<typeof pageOf>) {
  await act(async () => {
    root.render(
      <MantineProvider>
        <QueryClientProvider client={newQueryClient()}>
          <Shown />
        </QueryClientProvider>
      </MantineProvider>,
    );
    await Promise.resolve();
  });
}

it('says that there is no connection when a page cannot be fetched, and shows it on the next try', async () => {
  const load = vi.fn(() => Promise.resolve({ Reports }));
  load.mockImplementationOnce(() => Promise.reject(new TypeError('Failed to fetch dynamically imported module: /assets/reports-page.js')));

  await show(pageOf(load, 'Reports', 'report.read'));
  await act(() => vi.waitFor(() => expect(document.body.textContent).toContain('No connection')));
  await act(async () => {
    document.querySelector('button')?.click();
    await vi.waitFor(() => expect(load).toHaveBeenCalledTimes(2));
  });

  expect(document.querySelector('h1')?.textContent).toBe('Reports');
});

it('shows a page that was fetched before without a wait', async () => {
  const page = pageOf(() => Promise.resolve({ Reports }), 'Reports', 'report.read');
  await page.preload();

  await act(() => show(page));

  expect(document.querySelector('h1')?.textContent).toBe('Reports');
});

it('fetches nothing for a role that does not include the page', async () => {
  const load = vi.fn(() => Promise.resolve({ Reports }));

  await show(pageOf(load, 'Reports', 'report.sign'));

  expect(document.querySelector('h1')?.textContent).toBe('Not for your role');
  expect(load).not.toHaveBeenCalled();
});
