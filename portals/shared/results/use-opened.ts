import { useCallback, useSyncExternalStore } from 'react';
import { usePortal } from '../shell/portal-context';
import { opened } from './opened';

export function useOpened(): { keys: ReadonlySet<string>; add: (keys: readonly string[]) => void } {
  const { id } = usePortal().me;
  const keys = useSyncExternalStore(opened.subscribe, () => opened.of(id));
  const add = useCallback((more: readonly string[]) => opened.add(id, more), [id]);
  return { keys, add };
}
