import { useSyncExternalStore } from 'react';
import type { ViewerController, ViewerState } from './controller';

export function useViewer<Selected>(viewer: ViewerController, select: (state: ViewerState) => Selected): Selected {
  return useSyncExternalStore(viewer.subscribe, () => select(viewer.getState()));
}
