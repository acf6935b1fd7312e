import { queryOptions } from '@tanstack/react-query';
import { ask } from './ask';
import { getConfiguration, getMe, listPeople } from './generated/sdk.gen';
import type { Role } from './types';

const NEVER_STALE = Infinity;

export const meQuery = queryOptions({ queryKey: ['me'], queryFn: () => ask(getMe()), staleTime: NEVER_STALE });

export const configurationQuery = queryOptions({ queryKey: ['configuration'], queryFn: () => ask(getConfiguration()), staleTime: NEVER_STALE });

const A_WHILE = 5 * 60_000;

/** Who has this id; null for what is no person, as a machine. */
export const personQuery = (id: string) =>
  queryOptions({ queryKey: ['people', 'one', id], queryFn: async () => (await ask(listPeople({ query: { id: [id] } }))).items[0] ?? null, staleTime: A_WHILE, enabled: id !== '' });

export interface PeopleFilter {
  role?: Role;
  /** Only whom a critical finding can be handed to. */
  canBeTold?: boolean;
}

/** Of a house with many people, those whose name holds these words. */
export const peopleNamedQuery = (name: string, filter: PeopleFilter = {}) =>
  queryOptions({ queryKey: ['people', 'named', name, filter], queryFn: () => ask(listPeople({ query: { staffName: name, ...filter, pageSize: 50 } })), staleTime: A_WHILE });
