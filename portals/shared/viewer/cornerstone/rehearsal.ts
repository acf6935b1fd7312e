/** The first picture of a page, which is not the reader's. */
import { cache, Enums, imageLoader, utilities } from '@cornerstonejs/core';
import { Stage } from './stage';
import { startCornerstone } from './start';

/**
 * Draw a small image where nobody sees it.
 *
 * The first picture of a page waits for what the graphics driver is asked once (can it filter signed
 * 16-bit textures?) and for its shaders; so this one is not the reader's.
 */
export async function rehearse(): Promise<void> {
  await startCornerstone();
  const [cell, imageId] = ['rehearsal', 'rehearsal:image'];
  imageLoader.createAndCacheLocalImage(imageId, { scalarData: new Int16Array(256), targetBuffer: { type: 'Int16Array' }, dimensions: [16, 16], spacing: [1, 1] });
  utilities.genericMetadataProvider.add(imageId, { type: Enums.MetadataModules.GENERAL_SERIES, metadata: { modality: 'OT' } });
  const element = document.createElement('div');
  Object.assign(element.style, { position: 'fixed', width: '16px', height: '16px', visibility: 'hidden' });
  document.body.append(element);
  const stage = new Stage(cell);
  stage.attach(cell, element);
  await stage.showStack(cell, [imageId], 0);
  await new Promise((resolve) => element.addEventListener(Enums.Events.IMAGE_RENDERED, resolve));
  stage.dispose();
  element.remove();
  cache.removeImageLoadObject(imageId);
}
