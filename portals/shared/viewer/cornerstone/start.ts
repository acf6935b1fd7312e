/** Starts the library once for a page, and keeps its memory of images. */
import { cache, Enums, getConfiguration, imageLoader, imageLoadPoolManager, init as initCore, isCornerstoneInitialized } from '@cornerstonejs/core';
import { init as initLoader } from '@cornerstonejs/dicom-image-loader';
import { addTool, annotation, CrosshairsTool, init as initTools } from '@cornerstonejs/tools';
import { presenceHeaders } from '../../http/presence';
import { CACHE_BYTES } from '../limits';
import { provideInstances } from './instances';
import { TOOLS } from './tools';

let webGl2: boolean | undefined;

/** Whether this browser can show images at all. Asked once: each try takes one of few contexts. */
export function hasWebGl2(): boolean {
  if (webGl2 === undefined) {
    const context = document.createElement('canvas').getContext('webgl2');
    context?.getExtension('WEBGL_lose_context')?.loseContext();
    webGl2 = context !== null;
  }
  return webGl2;
}

let started: Promise<void> | undefined;

/** Start the library once per page. */
export function startCornerstone(): Promise<void> {
  started ??= start();
  return started;
}

async function start(): Promise<void> {
  const { rendering, ...others } = getConfiguration();
  // One graphics context for each cell of the largest layout; the library would make seven for every case.
  if (!isCornerstoneInitialized()) await initCore({ ...others, rendering: { ...rendering, webGlContextCount: 4 } });
  await initLoader({ beforeSend: presenceHeaders, maxWebWorkers: Math.min(4, Math.max(1, (navigator.hardwareConcurrency || 2) - 1)) });
  provideInstances();
  initTools();
  [...Object.values(TOOLS), CrosshairsTool].forEach((tool) => addTool(tool));
  cache.setMaxCacheSize(CACHE_BYTES);
  imageLoadPoolManager.setMaxSimultaneousRequests(Enums.RequestType.Interaction, 8);
  imageLoadPoolManager.setMaxSimultaneousRequests(Enums.RequestType.Prefetch, 4);
  const defaults = annotation.config.style.getDefaultToolStyles();
  annotation.config.style.setDefaultToolStyles({
    ...defaults,
    global: {
      ...defaults.global,
      color: 'rgb(244, 214, 110)',
      colorHighlighted: 'rgb(255, 240, 170)',
      colorSelected: 'rgb(127, 220, 235)',
      colorLocked: 'rgb(190, 200, 208)',
      lineWidth: '1.5',
      textBoxFontFamily: 'Inter Variable, DejaVu Sans, sans-serif',
      textBoxFontSize: '13px',
      textBoxColor: 'rgb(244, 214, 110)',
      textBoxColorHighlighted: 'rgb(255, 240, 170)',
      textBoxColorSelected: 'rgb(127, 220, 235)',
      textBoxColorLocked: 'rgb(190, 200, 208)',
      textBoxLinkLineWidth: '1',
      shadow: true,
    },
  });
}

/** Forget pixels of cases that are closed. */
export function purgeCache(): void {
  cache.purgeCache();
}

/** Load one image ahead of need: the one that a case opens with. */
export async function warm(imageId: string): Promise<void> {
  await startCornerstone();
  await imageLoader.loadAndCacheImage(imageId, { requestType: Enums.RequestType.Prefetch, priority: 10 });
}
