import type { Order, ViewerData } from '../api/types';
import { Empty } from '../states/states';

/** A study of which every image was taken out again is still there, with none. */
export function hasImages({ studies }: { studies: ReadonlyArray<Pick<ViewerData['studies'][number], 'numberOfInstances'>> }): boolean {
  return studies.some(({ numberOfInstances }) => numberOfInstances > 0);
}

/** In place of an exam's images: none came yet, or those that came were found to belong elsewhere. */
export function NoImages({ order }: { order: Pick<Order, 'imagesCapturedAt'> }) {
  if (order.imagesCapturedAt) return <Empty title="The images were taken out of this exam">They were found not to belong to it. The page shows others as soon as they arrive.</Empty>;
  return <Empty title="No images yet">The exam has not sent any image. The page shows them as soon as they arrive.</Empty>;
}
