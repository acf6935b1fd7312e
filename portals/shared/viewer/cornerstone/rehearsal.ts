/** The first picture of a page, which is not the reader's. */
import { cache, Enums, imageLoader, utilities } from '@cornerstonejs/core';
import { hasSpareEngine, Stage } from './stage';
import { hasWebGl2, startCornerstone } from './start';

/**
 * Draw a small image where nobody sees it.
 *
 * The first picture waits for graphics contexts, for what the driver is asked once (can it filter signed
 * 16-bit textures?) and for shaders; so this one is not the reader's. The next case draws with what it leaves.
 */
export async function rehearse(): Promise<void> {
  if (hasSpareEngine() || !hasWebGl2()) return;
  await startCornerstone();
  const [cell, imageId] = ['rehearsal', 'rehearsal:image'];
  imageLoader.createAndCacheLocalImage(imageId, { scalarData: new Int16Array(256), targetBuffer: { type: 'Int16Array' }, dimensions: [16, 16], spacing: [1, 1] });
  utilities.genericMetadataProvider.add(imageId, { type: Enums.MetadataModules.GENERAL_SERIES, metadata: { modality: 'OT' } });
  const element = document.createElement('div');
  Object.assign(element.style, { position: 'fixed', width: '16px', height: '16px', visibility: 'hidden' });
  document.body.append(element);
  const stage = new Stage();
  stage.attach(cell, element);
  await stage.showStack(cell, [imageId], 0);
  await new Promise((resolve) => element.addEventListener(Enums.Events.IMAGE_RENDERED, resolve));
  stage.handOver();
  element.remove();
  cache.removeImageLoadObject(imageId);
}
