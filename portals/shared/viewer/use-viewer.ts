import { useSyncExternalStore } from 'react';
import type { ViewerController } from './controller';
import type { ViewerState } from './viewer-state';

export function useViewer<Selected>(viewer: ViewerController, select: (state: ViewerState) => Selected): Selected {
  return useSyncExternalStore(viewer.subscribe, () => select(viewer.getState()));
}
