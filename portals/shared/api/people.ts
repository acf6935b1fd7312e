import { queryOptions } from '@tanstack/react-query';
import { ask } from './ask';
import { getConfiguration, getMe, listPeople } from './generated/sdk.gen';
import type { Role } from './types';

const NEVER_STALE = Infinity;

export const meQuery = queryOptions({ queryKey: ['me'], queryFn: () => ask(getMe()), staleTime: NEVER_STALE });

export const configurationQuery = queryOptions({ queryKey: ['configuration'], queryFn: () => ask(getConfiguration()), staleTime: NEVER_STALE });

export const peopleQuery = (role?: Role) =>
  queryOptions({ queryKey: ['people', role ?? 'all'], queryFn: () => ask(listPeople({ query: { ...(role ? { role } : {}), pageSize: 500 } })), staleTime: 5 * 60_000 });

/** Of a house with many people, those whose name holds these words. */
export const peopleNamedQuery = (name: string, role?: Role) =>
  queryOptions({ queryKey: ['people', role ?? 'all', 'named', name], queryFn: () => ask(listPeople({ query: { staffName: name, ...(role ? { role } : {}), pageSize: 50 } })), staleTime: 5 * 60_000 });
