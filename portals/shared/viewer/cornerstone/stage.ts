/** What draws: viewports, what hangs in them, and how it is looked at. */
import {
  cache,
  Enums,
  eventTarget,
  imageLoader,
  imageLoadPoolManager,
  RenderingEngine,
  setVolumesForViewports,
  utilities,
  volumeLoader,
} from '@cornerstonejs/core';
import type { Types } from '@cornerstonejs/core';
import { CrosshairsTool, SynchronizerManager, synchronizers, ToolGroupManager } from '@cornerstonejs/tools';
import type { Types as ToolTypes } from '@cornerstonejs/tools';
import type { ClipPlace } from '../clip';
import { Clip } from '../clip';
import type { Orientation } from '../layouts';
import type { EdgeLetters, ImageDirections, Vector3 } from '../orientation';
import { edgeLetters, projectionLetters } from '../orientation';
import type { ImageWindows, PixelWindow } from '../window-presets';
import type { ToolId } from './tools';
import { hold, makeToolGroup } from './tools';
import { atMostEvery, PLANES_DRAWN_EVERY_MS, setSlabOf, slabOf, watchVolume } from './volume';

export interface ViewState {
  index: number;
  count: number;
  center: number | null;
  width: number | null;
  inverted: boolean;
  zoom: number;
  /** How thick the slab is whose brightest pixels are seen; 0 for one plane. */
  slabMm: number;
  imageId: string;
}

export interface Look {
  properties: { voiRange?: Types.VOIRange; invert: boolean };
  turned?: Types.ViewPresentation;
  camera?: Types.ICamera;
}

type Viewport = Types.IStackViewport | Types.IVolumeViewport;

const isStack = (viewport: Viewport): viewport is Types.IStackViewport => 'setStack' in viewport;

/**
 * Start what draws, with one sample for each pixel. The library opens its graphics contexts as it starts and has no
 * setting for them; the four samples that a browser gives unasked smooth the edges of surfaces. A slice has none,
 * and where there is no graphics card they take a third of the time of a picture.
 */
function startEngine(): RenderingEngine {
  const canvas = HTMLCanvasElement.prototype;
  const { getContext } = canvas;
  canvas.getContext = function (this: HTMLCanvasElement, kind: string, options?: object) {
    return getContext.call(this, kind, { ...options, antialias: false });
  } as typeof getContext;
  try {
    return new RenderingEngine(`viewer-${(count += 1)}`);
  } finally {
    canvas.getContext = getContext;
  }
}

let count = 0;

/** What the rehearsal leaves: its graphics contexts are open and their shaders made, which the first case need not wait for. */
let spare: { engine: RenderingEngine; stopWatching: () => void } | undefined;

export const hasSpareEngine = (): boolean => spare !== undefined;

function takeEngine(): RenderingEngine {
  const { engine, stopWatching } = spare ?? { engine: startEngine(), stopWatching: () => undefined };
  stopWatching();
  spare = undefined;
  return engine;
}

/** Keep an engine for the next stage, unless the browser takes its graphics away meanwhile, as it does while a computer sleeps. */
function spareEngine(engine: RenderingEngine): void {
  const forget = () => {
    stopWatching();
    engine.destroy();
    if (spare?.engine === engine) spare = undefined;
  };
  const stopWatching = onGraphics(engine.id, forget, () => undefined);
  spare = { engine, stopWatching };
}

/** One set of viewports on the page: where they are, what hangs in them, which tool the mouse holds. */
export class Stage {
  readonly id: string;
  private readonly engine = takeEngine();
  private readonly stackTools: ToolTypes.IToolGroup;
  private readonly planeTools: ToolTypes.IToolGroup;
  private readonly elements = new Map<string, HTMLDivElement>();
  private readonly resizer: ResizeObserver;
  private tool: ToolId = 'window';
  private fitsAnew = false;
  private planesCameWith: Look['properties'] | undefined;
  private stopPrefetch: () => void = () => undefined;
  private stopWatching: () => void = () => undefined;
  private clip: { cell: string; index: number; sheet: Clip } | null = null;

  constructor() {
    this.id = this.engine.id;
    this.stackTools = makeToolGroup(`${this.id}-stack`, false);
    this.planeTools = makeToolGroup(`${this.id}-planes`, true);
    this.resizer = new ResizeObserver(() => requestAnimationFrame(() => this.resize()));
  }

  dispose(): void {
    this.close();
    this.engine.destroy();
  }

  /** Leave what draws to the next stage. */
  handOver(): void {
    [...this.elements.keys()].forEach((cell) => this.detach(cell));
    this.close();
    spareEngine(this.engine);
  }

  private close(): void {
    this.stopPrefetch();
    this.stopWatching();
    this.unlink();
    this.resizer.disconnect();
    ToolGroupManager.destroyToolGroup(this.stackTools.id);
    ToolGroupManager.destroyToolGroup(this.planeTools.id);
  }

  private resize(triesLeft = 20): void {
    if (this.elements.size === 0) return;
    const kept = this.fitsAnew ? [] : this.presentations();
    this.engine.resize(true, this.planeTools.getViewportIds().length > 0 && !this.fitsAnew);
    kept.forEach(([viewport, presentation]) => {
      viewport.setViewPresentation(presentation);
      viewport.render();
    });
    // While a picture waits to be drawn the library leaves the canvas as it was: ask again when it is drawn.
    if (triesLeft > 0 && this.hasStaleCanvas()) requestAnimationFrame(() => this.resize(triesLeft - 1));
    else this.fitsAnew = false;
  }

  private hasStaleCanvas(): boolean {
    return [...this.elements.values()].some((element) => {
      const canvas = element.querySelector('canvas');
      if (!canvas || element.clientWidth === 0 || element.clientHeight === 0) return false;
      const off = (drawn: number, shown: number) => Math.abs(drawn / devicePixelRatio - shown) > 1;
      return off(canvas.width, element.clientWidth) || off(canvas.height, element.clientHeight);
    });
  }

  /** How each stack is turned and zoomed, relative to its cell: kept, an untouched image fits a cell of any size. */
  private presentations(): Array<[Types.IStackViewport, Types.ViewPresentation]> {
    return [...this.elements.keys()]
      .map((cell) => this.viewport(cell))
      .filter((viewport): viewport is Types.IStackViewport => viewport !== undefined && isStack(viewport) && viewport.getImageIds().length > 0)
      .map((viewport) => [viewport, viewport.getViewPresentation()]);
  }

  /** After the next change of size the images are fitted into their cells; else the reader's zoom is kept. */
  fitAnew(): void {
    this.fitsAnew = true;
  }

  attach(cell: string, element: HTMLDivElement, orientation?: Orientation): void {
    this.engine.enableElement({
      viewportId: cell,
      element,
      type: orientation ? Enums.ViewportType.ORTHOGRAPHIC : Enums.ViewportType.STACK,
      defaultOptions: {
        background: [0, 0, 0],
        ...(orientation ? { orientation: Enums.OrientationAxis[orientation.toUpperCase() as 'AXIAL'] } : {}),
      },
    });
    (orientation ? this.planeTools : this.stackTools).addViewport(cell, this.id);
    this.elements.set(cell, element);
    this.resizer.observe(element);
  }

  detach(cell: string): void {
    const element = this.elements.get(cell);
    if (!element) return;
    if (this.clip?.cell === cell) this.clip = null;
    this.resizer.unobserve(element);
    this.elements.delete(cell);
    this.stackTools.removeViewports(this.id, cell);
    this.planeTools.removeViewports(this.id, cell);
    this.engine.disableElement(cell);
  }

  private viewport(cell: string): Viewport | undefined {
    return this.engine.getViewport(cell) as Viewport | undefined;
  }

  private each(cells: string[], act: (viewport: Viewport) => void): void {
    for (const cell of cells) {
      const viewport = this.viewport(cell);
      if (!viewport) continue;
      act(viewport);
      viewport.render();
    }
  }

  async showStack(cell: string, imageIds: string[], index: number): Promise<void> {
    const viewport = this.viewport(cell);
    if (!viewport || !isStack(viewport)) return;
    await viewport.setStack(imageIds, index);
    viewport.render();
  }

  /** Hang the stack as it is now; the reader keeps the image, its window and its place, while it is there. */
  async renewStack(cell: string, imageIds: string[]): Promise<void> {
    const viewport = this.viewport(cell);
    if (!viewport || !isStack(viewport)) return;
    const same = imageIds.indexOf(viewport.getCurrentImageId() ?? '');
    const index = same >= 0 ? same : Math.min(viewport.getCurrentImageIdIndex(), imageIds.length - 1);
    const [view, properties] = [viewport.getViewPresentation(), viewport.getProperties()];
    await viewport.setStack(imageIds, index);
    if (same >= 0) {
      viewport.setProperties(properties);
      viewport.setViewPresentation(view);
    }
    viewport.render();
  }

  /** How a cell is looked at: the window, and the place; what the image itself does not tell. Null when nothing hangs there. */
  look(cell: string): Look | null {
    const viewport = this.viewport(cell);
    if (!viewport || viewport.getNumberOfSlices() === 0) return null;
    const { voiRange, invert } = viewport.getProperties() ?? {};
    const properties = { ...(voiRange ? { voiRange } : {}), invert: invert ?? false };
    return isStack(viewport) ? { properties, turned: viewport.getViewPresentation() } : { properties, camera: viewport.getCamera() };
  }

  lookAgain(cell: string, { properties, turned, camera }: Look): void {
    this.each([cell], (viewport) => {
      viewport.setProperties(properties);
      if (turned) viewport.setViewPresentation(turned);
      if (camera) viewport.setCamera(camera);
    });
  }

  /** Build the volume and hang it in the planes; `told` hears how much has arrived, from 0 to 1. */
  async showVolume(cells: string[], name: string, imageIds: string[], told: (share: number) => void): Promise<void> {
    const volumeId = `cornerstoneStreamingImageVolume:${name}`;
    const volume = (await volumeLoader.createAndCacheVolume(volumeId, { imageIds })) as Types.IStreamingImageVolume;
    // It would draw the planes for every fiftieth that arrives, which without a graphics card takes longer than the arriving.
    Object.assign(volume, { autoRenderOnLoad: false });
    const isLoaded = () => volume.loadStatus?.loaded ?? false;
    const draw = atMostEvery(PLANES_DRAWN_EVERY_MS, () => this.engine.renderViewports(cells));
    this.stopWatching();
    this.stopWatching = watchVolume(volumeId, imageIds.length, (share) => {
      told(share);
      draw(share === 1);
    });
    if (isLoaded()) told(1);
    volume.load();
    await setVolumesForViewports(this.engine, [{ volumeId }], cells);
    this.planesCameWith = this.look(cells[0] ?? '')?.properties;
    this.planeTools.setToolEnabled(CrosshairsTool.toolName);
    this.holdTool();
    this.engine.renderViewports(cells);
    if (isLoaded()) this.stopWatching();
  }

  /** Load so many images into the cache, from one place outwards, behind whatever the reader asks for. */
  prefetch(imageIds: string[], from: number, most: number, told: (loaded: number) => void = () => undefined): void {
    this.stopPrefetch();
    let stopped = false;
    let loaded = 0;
    this.stopPrefetch = () => {
      stopped = true;
      imageLoadPoolManager.clearRequestStack(Enums.RequestType.Prefetch);
    };
    for (const imageId of outwards(imageIds, from).slice(0, most)) {
      const load = async () => {
        if (stopped) return;
        await imageLoader.loadAndCacheImage(imageId, { requestType: Enums.RequestType.Prefetch, priority: 5 });
        loaded += 1;
        if (!stopped) told(loaded);
      };
      imageLoadPoolManager.addRequest(load, Enums.RequestType.Prefetch, { imageId }, 5);
    }
  }

  /** Resolves when all images are in the cache: a clip that loads while it plays stutters. */
  async cacheAll(imageIds: string[], told: (share: number) => void): Promise<void> {
    let loaded = 0;
    await Promise.all(
      imageIds.map(async (imageId) => {
        await imageLoader.loadAndCacheImage(imageId);
        loaded += 1;
        told(loaded / imageIds.length);
      }),
    );
  }

  state(cell: string): ViewState | null {
    const viewport = this.viewport(cell);
    if (!viewport) return null;
    const { voiRange, invert } = viewport.getProperties() ?? {};
    const window = voiRange ? toWindow(voiRange) : null;
    return {
      index: this.clip?.cell === cell ? this.clip.index : isStack(viewport) ? viewport.getCurrentImageIdIndex() : viewport.getSliceIndex(),
      count: viewport.getNumberOfSlices(),
      center: window ? window.center : null,
      width: window ? window.width : null,
      inverted: invert ?? false,
      zoom: viewport.getZoom(),
      slabMm: isStack(viewport) ? 0 : slabOf(viewport),
      imageId: viewport.getCurrentImageId() ?? '',
    };
  }

  /** Hear of each change of what a cell shows. Returns what stops it. */
  onChange(cell: string, listener: () => void): () => void {
    const element = this.elements.get(cell);
    const events = [Enums.Events.STACK_NEW_IMAGE, Enums.Events.VOLUME_NEW_IMAGE, Enums.Events.VOI_MODIFIED, Enums.Events.CAMERA_MODIFIED, Enums.Events.IMAGE_RENDERED, CLIP_SHOWN];
    events.forEach((event) => element?.addEventListener(event, listener));
    return () => events.forEach((event) => element?.removeEventListener(event, listener));
  }

  async goTo(cell: string, index: number): Promise<void> {
    const viewport = this.viewport(cell);
    if (!viewport) return;
    const last = viewport.getNumberOfSlices() - 1;
    const wanted = Math.max(0, Math.min(last, index));
    if (isStack(viewport)) await viewport.setImageIdIndex(wanted);
    else scrollBy(viewport, wanted - viewport.getSliceIndex());
  }

  /**
   * Show an image of the stack as one of a clip, over the one that the viewport goes on drawing until the clip ends.
   * Returns false, and shows nothing, where the viewport would draw it in another place or with another window.
   */
  playTo(cell: string, index: number): boolean {
    const [viewport, element] = [this.viewport(cell), this.elements.get(cell)];
    if (!viewport || !element || !isStack(viewport)) return false;
    const image = cache.getImage(viewport.getImageIds()[index] ?? '');
    const drawn = cache.getImage(viewport.getCurrentImageId() ?? '');
    const { voiRange, invert = false, VOILUTFunction } = viewport.getProperties();
    if (!image || !drawn || !isDrawnAs(image, drawn) || !voiRange || VOILUTFunction === Enums.VOILUTFunctionType.SAMPLED_SIGMOID) return false;
    if (!this.clip) {
      this.clip = { cell, index, sheet: new Clip(element) };
      this.holdTool();
    }
    const { rows, columns, numberOfComponents: samples } = image;
    this.clip.sheet.show({ pixels: image.getPixelData(), rows, columns, samples }, { ...voiRange, inverted: invert }, placeOf(viewport));
    this.clip.index = index;
    element.dispatchEvent(new Event(CLIP_SHOWN));
    return true;
  }

  /** The clip stands still: its last image is drawn by the viewport itself, and what is drawn on it is seen again. */
  async endClip(): Promise<void> {
    const { clip } = this;
    const element = this.elements.get(clip?.cell ?? '');
    if (!clip || !element) return;
    const there = this.goTo(clip.cell, clip.index);
    this.clip = null;
    await there;
    this.holdTool();
    const drawn = new Promise((resolve) => element.addEventListener(Enums.Events.IMAGE_RENDERED, resolve, { once: true }));
    this.viewport(clip.cell)?.render();
    await drawn;
    clip.sheet.close();
  }

  scroll(cell: string, delta: number): void {
    const viewport = this.viewport(cell);
    if (viewport) scrollBy(viewport, delta);
  }

  setWindow(cells: string[], { center, width }: { center: number; width: number }): void {
    const voiRange = utilities.windowLevel.toLowHighRange(width, center);
    this.each(cells, (viewport) => viewport.setProperties({ voiRange }));
  }

  /** The window that the file of the image in a cell asks for, else the one that shows all its values; null while nothing is shown. */
  windows(cell: string): ImageWindows | null {
    const viewport = this.viewport(cell);
    if (!viewport) return null;
    const ids = isStack(viewport) ? [viewport.getCurrentImageId()] : viewport.getImageIds();
    const images = ids.map((id) => cache.getImage(id)).filter((image) => image !== undefined);
    if (images.length === 0) return null;
    const lower = images.reduce((least, { minPixelValue }) => Math.min(least, minPixelValue), Infinity);
    const upper = images.reduce((most, { maxPixelValue }) => Math.max(most, maxPixelValue), -Infinity);
    const pixels = toWindow({ lower, upper });
    if (!isStack(viewport)) return { pixels, scanner: this.planesCameWith?.voiRange ? toWindow(this.planesCameWith.voiRange) : pixels };
    const [center, width] = [images[0]?.windowCenter, images[0]?.windowWidth].map((value) => (Array.isArray(value) ? value[0] : value) as number | undefined);
    return { pixels, scanner: center !== undefined && width ? { center, width } : pixels };
  }

  toggleInvert(cells: string[]): void {
    this.each(cells, (viewport) => viewport.setProperties({ invert: !viewport.getProperties()?.invert }));
  }

  rotate(cells: string[], degrees: number): void {
    this.each(cells, (viewport) => {
      const { rotation = 0 } = viewport.getViewPresentation();
      viewport.setViewPresentation({ rotation: (rotation + degrees + 360) % 360 });
    });
  }

  flip(cells: string[], axis: 'flipHorizontal' | 'flipVertical'): void {
    this.each(cells, (viewport) => viewport.setCamera({ [axis]: !viewport.getCamera()[axis] }));
  }

  zoomBy(cells: string[], factor: number): void {
    this.each(cells, (viewport) => viewport.setZoom(viewport.getZoom() * factor));
  }

  reset(cells: string[]): void {
    this.resetWindow(cells);
    this.setSlab(cells, 0);
    this.each(cells, (viewport) => {
      viewport.resetCamera();
      if (isStack(viewport)) viewport.setViewPresentation({ rotation: 0, flipHorizontal: false, flipVertical: false });
    });
  }

  /** Window and inversion as they came; of planes the library would reset place, zoom and slab along with them. */
  resetWindow(cells: string[]): void {
    this.each(cells, (viewport) => {
      if (isStack(viewport)) viewport.resetProperties();
      else if (this.planesCameWith) viewport.setProperties(this.planesCameWith);
    });
  }

  setSlab(cells: string[], millimetres: number): void {
    this.each(cells, (viewport) => {
      if (!isStack(viewport)) setSlabOf(viewport, millimetres);
    });
  }

  setTool(tool: ToolId): void {
    this.tool = tool;
    this.holdTool();
  }

  private holdTool(): void {
    hold(this.stackTools, this.tool, { isPlanes: false, isPlaying: this.clip !== null });
    hold(this.planeTools, this.tool, { isPlanes: true, isPlaying: false });
  }

  /** Window, zoom and pan of two cells follow each other; scrolling is linked by the controller. */
  link(one: string, other: string): void {
    this.unlink();
    for (const [name, make] of FOLLOWERS) {
      const synchronizer = make(`${this.id}-${name}`);
      [one, other].forEach((viewportId) => synchronizer.add({ renderingEngineId: this.id, viewportId }));
    }
  }

  unlink(): void {
    FOLLOWERS.forEach(([name]) => {
      const id = `${this.id}-${name}`;
      if (SynchronizerManager.getSynchronizer(id)) SynchronizerManager.destroySynchronizer(id);
    });
  }

  /** The patient's directions at the edges of a cell, as it is turned and flipped now. */
  letters(cell: string, directions?: ImageDirections): EdgeLetters | null {
    const { viewUp, viewPlaneNormal } = this.viewport(cell)?.getCamera() ?? {};
    if (!viewUp || !viewPlaneNormal) return null;
    const [up, normal] = [[...viewUp] as Vector3, [...viewPlaneNormal] as Vector3];
    return directions ? projectionLetters(up, normal, directions) : edgeLetters(up, normal);
  }

  /** Where a point of the patient lies on the page; used by tests that aim in millimetres. */
  pageOf(cell: string, world: [number, number, number]): { x: number; y: number } | null {
    const viewport = this.viewport(cell);
    const element = this.elements.get(cell);
    if (!viewport || !element) return null;
    const [x, y] = viewport.worldToCanvas(world);
    const box = element.getBoundingClientRect();
    return { x: box.left + x, y: box.top + y };
  }

  render(): void {
    this.engine.render();
  }
}

const FOLLOWERS: ReadonlyArray<[string, (id: string) => { add(viewport: { renderingEngineId: string; viewportId: string }): void }]> = [
  ['window', (id) => synchronizers.createVOISynchronizer(id, { syncInvertState: true, syncColormap: false })],
  ['zoom', (id) => synchronizers.createZoomPanSynchronizer(id)],
];

const CLIP_SHOWN = 'clip-shown';

/** Whether a viewport draws one image as it draws the other: in the same place and, unless the reader sets it, with the same window. */
function isDrawnAs(one: Types.IImage, other: Types.IImage): boolean {
  const same = ['rows', 'columns', 'rowPixelSpacing', 'columnPixelSpacing', 'numberOfComponents', 'invert', 'windowCenter', 'windowWidth', 'voiLUTFunction'] as const;
  return same.every((what) => String(one[what]) === String(other[what]));
}

function placeOf(viewport: Types.IStackViewport): ClipPlace {
  const { imageData, dimensions } = viewport.getImageData() as Types.IImageData;
  const seen = (column: number, row: number) => viewport.worldToCanvas(imageData.indexToWorld([column, row, 0]) as Types.Point3) as [number, number];
  return { first: seen(0, 0), endOfRow: seen(dimensions[0] - 1, 0), endOfColumn: seen(0, dimensions[1] - 1) };
}

function scrollBy(viewport: Viewport, delta: number): void {
  utilities.scroll(viewport as unknown as Types.IViewport, { delta });
}

function toWindow({ lower, upper }: Types.VOIRange): PixelWindow {
  const { windowCenter, windowWidth } = utilities.windowLevel.toWindowLevel(lower, upper);
  return { center: windowCenter, width: windowWidth };
}

/** From one place outwards, in turn before and behind: the next image in either direction comes first. */
export function outwards<Item>(items: readonly Item[], from: number): Item[] {
  const order = items.map((item, index) => ({ item, distance: Math.abs(index - from) }));
  return order.sort((one, other) => one.distance - other.distance).map(({ item }) => item);
}

/** Hear when the browser takes a stage's graphics away, from when on no picture follows, and when it gives them back. */
export function onGraphics(stageId: string, lost: () => void, restored: () => void): () => void {
  const { WEBGL_CONTEXT_LOST, WEBGL_CONTEXT_RESTORED } = Enums.Events;
  const ofStage = (listener: () => void) => (event: Event) => {
    if ((event as CustomEvent<{ renderingEngineId: string }>).detail.renderingEngineId === stageId) listener();
  };
  const [onLost, onRestored] = [ofStage(lost), ofStage(restored)];
  eventTarget.addEventListener(WEBGL_CONTEXT_LOST, onLost);
  eventTarget.addEventListener(WEBGL_CONTEXT_RESTORED, onRestored);
  return () => {
    eventTarget.removeEventListener(WEBGL_CONTEXT_LOST, onLost);
    eventTarget.removeEventListener(WEBGL_CONTEXT_RESTORED, onRestored);
  };
}
