import { MantineProvider } from '@mantine/core';
import { priorStudiesQuery } from '@shared/api/studies';
import type { Order } from '@shared/api/types';
import { EMPTY_REPORT } from '@shared/report/content';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { PriorStudiesMenu } from './prior-studies-menu';

const order = { id: 'o', patient: { id: 'p' } } as Order;
const PRIOR = { studyInstanceUid: '1.2', studyDescription: 'CT Thorax', modality: 'CT', bodyPart: 'CHEST', studyDate: '2025-09-03' };

function shown(items: unknown[]) {
  const queries = new QueryClient({ defaultOptions: { queries: { staleTime: Infinity } } });
  queries.setQueryData(priorStudiesQuery('p', 'o').queryKey, { items } as never);
  const change = vi.fn();
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={queries}>
        <PriorStudiesMenu order={order} draft={{ content: EMPTY_REPORT, change }} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return change;
}

beforeEach(() => void vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined })));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('puts the chosen prior into the comparison', async () => {
  const change = shown([PRIOR]);
  const user = userEvent.setup();

  await user.click(screen.getByRole('button', { name: 'Load prior studies…' }));
  await user.click(await screen.findByRole('menuitem', { name: 'CT Thorax, 3 Sep 2025' }));

  expect(change).toHaveBeenCalledWith({ comparison: 'CT Thorax, 3 Sep 2025.' });
});

it('says that there is none', async () => {
  shown([]);

  await userEvent.setup().click(screen.getByRole('button', { name: 'Load prior studies…' }));

  expect(await screen.findByText('Nothing earlier of this patient is stored here.')).toBeTruthy();
});
