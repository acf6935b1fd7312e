/** The worklist's filters as the address holds them: plain data with pure functions beside it. */
import type { Modality, Priority } from '@shared/api/types';

export interface WorklistSearch {
  modality?: Modality[];
  priority?: Priority[];
  owner?: 'me' | 'nobody' | 'free';
}

const MODALITIES: readonly string[] = ['CT', 'MRI', 'XRAY', 'USG'];
const PRIORITIES: readonly string[] = ['STAT', 'URGENT', 'ROUTINE'];
const OWNERS: readonly string[] = ['me', 'nobody', 'free'];

function known<Value extends string>(value: unknown, allowed: readonly string[]): Value[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item): item is Value => typeof item === 'string' && allowed.includes(item));
}

/** What an address asks for; anything unknown in it is left out. */
export function readWorklistSearch(raw: Record<string, unknown>): WorklistSearch {
  const modality = known<Modality>(raw.modality, MODALITIES);
  const priority = known<Priority>(raw.priority, PRIORITIES);
  const [owner] = known<'me' | 'nobody' | 'free'>(raw.owner, OWNERS);
  return {
    ...(modality.length > 0 ? { modality } : {}),
    ...(priority.length > 0 ? { priority } : {}),
    ...(owner ? { owner } : {}),
  };
}
