import { client } from '@shared/api/generated/client.gen';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { renderHook } from '@testing-library/react';
import type { ReactNode } from 'react';
import { beforeEach, expect, test, vi } from 'vitest';
import { useSenderName } from './use-sender-name';

const STAFF: Record<string, string> = { 'cole-id': 'Tom Cole' };

beforeEach(() =>
  client.setConfig({
    baseUrl: 'http://gateway.test',
    fetch: (input) => {
      const ids = new URL((input as Request).url).searchParams.getAll('id');
      const items = ids.filter((id) => STAFF[id]).map((id) => ({ id, name: STAFF[id], title: '', roles: ['RADIOLOGY_TECH'] }));
      return Promise.resolve(Response.json({ items, total: items.length, page: 1, pageSize: 50 }));
    },
  }),
);

const wrapper = ({ children }: { children: ReactNode }) => <QueryClientProvider client={new QueryClient()}>{children}</QueryClientProvider>;

test.each([
  ['a person by name, in a house of any size', 'cole-id', 'Tom Cole'],
  ['a machine by what it calls itself', 'CT_SCANNER', 'CT_SCANNER'],
  ['nobody as unknown', '', 'unknown'],
])('a sender is shown: %s', async (_, id, shown) => {
  const { result } = renderHook(() => useSenderName(id), { wrapper });

  await vi.waitFor(() => expect(result.current).toBe(shown));
});
