import { Stack } from '@mantine/core';
import { Loaded } from '@shared/states/states';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';

export function Listed<Item>({ query, empty, children }: { query: UseQueryResult<{ items: Item[] }>; empty: ReactNode; children: (item: Item) => ReactNode }) {
  return <Loaded query={query}>{(page) => (page.items.length === 0 ? empty : <Stack gap="md">{page.items.map(children)}</Stack>)}</Loaded>;
}
