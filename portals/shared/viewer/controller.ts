/**
 * What the viewer shows, and every act upon it. The page renders this state; toolbar, keyboard and
 * tests call these methods; pixels are left to the stage.
 */
import { sentenceOf } from '../http/problem';
import { play } from './cine';
import type { ToolId } from './cornerstone';
import {
  drawnAnnotations,
  isDrawingTool,
  onAnnotationsChanged,
  onGraphics,
  onTextWanted,
  purgeCache,
  removeAllAnnotations,
  removeAnnotation,
  restoreAnnotation,
  selectAnnotation,
  selectedAnnotations,
  Stage,
  startCornerstone,
} from './cornerstone';
import { loadSeries } from './dicomweb';
import type { DisplaySet } from './display-sets';
import { addressOf } from './display-sets';
import { hungIn, priorLike, startIndex } from './hanging';
import type { LayoutId, Orientation } from './layouts';
import { LAYOUTS } from './layouts';
import { imagesAhead, volumeStep } from './limits';
import type { Shown } from './linking';
import { imageBeside, offsetOf } from './linking';
import { isOn, numbersOf, priorOf } from './measured-image';
import type { MeasurementRecord } from './measurements';
import { restored, toRecord } from './measurements';
import { fileName, fileOf, pictureOf, placeWords, save, tellPicture } from './saving';
import type { SeriesListing, StudyListing } from './study-listing';
import type { ViewerState } from './viewer-state';
import { START } from './viewer-state';
import { presetsFor, windowOf } from './window-presets';

export class ViewerController {
  readonly readOnly: boolean;
  private stage: Stage | null = null;
  private state: ViewerState = START;
  private readonly listeners = new Set<() => void>();
  private readonly mounted = new Map<string, { element: HTMLDivElement; orientation?: Orientation }>();
  private readonly lastIndex = new Map<string, number>();
  /** Of each series, the revision that is shown. */
  private readonly revisions = new Map<string, number>();
  private readonly stops: Array<() => void> = [];
  private stopFollowing: Array<() => void> = [];
  private stopGraphics: () => void = () => undefined;
  private stopPlaying: () => void = () => undefined;
  private disposed = false;
  private mutedAnnotations = false;
  private beforePlanes: LayoutId = '1x1';
  /** The study that the reader last asked to compare with. */
  private asked = '';
  private readonly saved = new Map<string, MeasurementRecord>();

  constructor({ readOnly = false }: { readOnly?: boolean } = {}) {
    this.readOnly = readOnly;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly getState = (): ViewerState => this.state;

  private set(change: Partial<ViewerState>): void {
    this.state = { ...this.state, ...change };
    this.listeners.forEach((listener) => listener());
  }

  // ---- life ------------------------------------------------------------------------------------

  async start(): Promise<void> {
    await startCornerstone();
    if (this.disposed || this.stage) return;
    this.openStage();
    onTextWanted((current) => this.askText(current));
    this.stops.push(onAnnotationsChanged(() => requestAnimationFrame(() => this.readAnnotations())));
  }

  private openStage(): void {
    const stage = new Stage();
    stage.setTool(this.state.tool);
    for (const [cell, place] of this.mounted) stage.attach(cell, place.element, place.orientation);
    this.stopGraphics = onGraphics(
      stage.id,
      () => this.set({ graphicsLost: true }),
      () => void this.restoreGraphics(),
    );
    this.stage = stage;
  }

  /** Draw everything anew, each image at its place and in its window; the browser may do so of itself, or be asked again. */
  async restoreGraphics(): Promise<void> {
    if (!this.stage || !this.state.graphicsLost) return;
    void this.stopCine();
    this.unlink();
    for (const cell of this.mounted.keys()) this.keepPlace(cell);
    const looks = [...this.mounted.keys()].map((cell) => [cell, this.stage?.look(cell)] as const);
    this.stopGraphics();
    this.stage.dispose();
    this.openStage();
    this.set({ graphicsLost: false });
    const cells = this.layout.id === 'mpr' ? [this.state.active] : [...this.mounted.keys()];
    await Promise.all(cells.map((cell) => this.show(cell)));
    for (const [cell, look] of looks) if (look) this.stage?.lookAgain(cell, look);
  }

  dispose(): void {
    this.disposed = true;
    void this.stopCine();
    this.stops.forEach((stop) => stop());
    this.stopFollowing.forEach((stop) => stop());
    this.stopGraphics();
    this.mutedAnnotations = true;
    removeAllAnnotations();
    this.stage?.dispose();
    this.stage = null;
    purgeCache();
  }

  // ---- studies ---------------------------------------------------------------------------------

  /** List what an exam has now; a study that was given to another exam leaves, with its images. */
  async openExam(studies: StudyListing[]): Promise<void> {
    const isListed = (uid: string) => studies.some(({ studyInstanceUid }) => studyInstanceUid === uid);
    const stay = this.state.studies.filter(({ studyInstanceUid, prior }) => prior || isListed(studyInstanceUid));
    this.set({ studies: stay });
    this.keepSets((set) => stay.some(({ studyInstanceUid }) => studyInstanceUid === set.studyInstanceUid));
    await Promise.all(studies.map((study) => this.open(study)));
  }

  /** List a study; the first series of the current one is hung at once, the others are read behind it. */
  async open(study: StudyListing): Promise<void> {
    const others = this.state.studies.filter((known) => known.studyInstanceUid !== study.studyInstanceUid);
    this.set({ studies: study.prior ? [...others, study] : [study, ...others] });
    const isListed = (uid: string) => study.series.some(({ seriesInstanceUid }) => seriesInstanceUid === uid);
    this.keepSets((set) => set.studyInstanceUid !== study.studyInstanceUid || isListed(set.seriesInstanceUid));
    await this.start();
    const [first, ...rest] = study.series;
    if (!first) return;
    const sets = await this.read(study, first);
    if (!study.prior && !this.state.hung.a && sets[0]) await this.hang('a', sets[0].id);
    for (const series of rest) await this.read(study, series);
  }

  /** Make the display sets of a series known; asking again costs nothing. */
  private async read(study: StudyListing, series: SeriesListing): Promise<DisplaySet[]> {
    const address = { studyInstanceUid: study.studyInstanceUid, seriesInstanceUid: series.seriesInstanceUid };
    const sets = await loadSeries(address, series.revision);
    // Meanwhile it may have been given to another exam.
    if (!this.state.studies.some(({ studyInstanceUid }) => studyInstanceUid === study.studyInstanceUid)) return [];
    // Answers may overtake each other; what an older one brings late replaces nothing.
    if (this.disposed || series.revision < (this.revisions.get(series.seriesInstanceUid) ?? 0)) return sets;
    this.revisions.set(series.seriesInstanceUid, series.revision);
    const before = this.state.sets;
    this.set({ sets: [...before.filter((set) => set.seriesInstanceUid !== series.seriesInstanceUid), ...sets] });
    this.clearCells();
    if (this.state.measurements.length > 0) this.readAnnotations();
    await this.showChanged(before, sets);
    return sets;
  }

  private keepSets(isKept: (set: DisplaySet) => boolean): void {
    if (this.state.sets.every(isKept)) return;
    this.set({ sets: this.state.sets.filter(isKept) });
    this.clearCells();
  }

  /** Nothing is seen of images that are not listed any more: they may be of another patient. */
  private clearCells(): void {
    const gone = Object.keys(this.state.hung).filter((cell) => this.state.hung[cell] && !this.setOf(cell));
    if (gone.length === 0) return;
    void this.stopCine();
    this.unlink();
    const kept = Object.entries(this.state.hung).filter(([cell]) => !gone.includes(cell));
    this.set({ hung: Object.fromEntries(kept) });
    // Of an exam without any study the page tells this itself.
    if (this.state.studies.some(({ prior }) => !prior)) this.notify('Images that stood here were taken out of the exam.');
    for (const cell of gone) {
      const place = this.mounted.get(cell);
      if (!place) continue;
      this.stage?.detach(cell);
      this.stage?.attach(cell, place.element, place.orientation);
    }
    if (this.layout.id === 'mpr') this.setLayout('1x1');
  }

  /** What hangs has its images as they are now, some came or were taken out; the one that is read stays. */
  private async showChanged(before: DisplaySet[], sets: DisplaySet[]): Promise<void> {
    const images = (set: DisplaySet | undefined) => set?.images.map(({ imageId }) => imageId).join();
    const changed = sets.filter((set) => before.some((old) => old.id === set.id && images(old) !== images(set)));
    for (const { id } of this.layout.cells) {
      const set = changed.find((one) => one.id === this.state.hung[id]);
      if (!set) continue;
      if (this.layout.id === 'mpr') await this.show(id);
      else await this.renew(id, set);
    }
  }

  async hangSeries(study: StudyListing, series: SeriesListing, cell = this.state.active): Promise<void> {
    const [set] = await this.read(study, series);
    if (set) await this.hang(cell, set.id);
    else this.notify('This series holds no images.');
  }

  setOf(cell: string): DisplaySet | undefined {
    const id = this.state.hung[cell];
    return this.state.sets.find((set) => set.id === id);
  }

  studyOf(set: DisplaySet): StudyListing | undefined {
    return this.state.studies.find((study) => study.studyInstanceUid === set.studyInstanceUid);
  }

  // ---- cells -----------------------------------------------------------------------------------

  /** Called by a cell's element when it is on the page. */
  mount(cell: string, element: HTMLDivElement, orientation?: Orientation): void {
    this.mounted.set(cell, { element, ...(orientation ? { orientation } : {}) });
    if (!this.stage) return;
    this.stage.attach(cell, element, orientation);
    void this.show(cell);
  }

  unmount(cell: string): void {
    this.keepPlace(cell);
    this.mounted.delete(cell);
    this.stage?.detach(cell);
  }

  private keepPlace(cell: string): void {
    const at = this.stage?.state(cell);
    if (at) this.lastIndex.set(`${cell}:${this.state.hung[cell] ?? ''}`, at.index);
  }

  async hang(cell: string, setId: string): Promise<void> {
    void this.stopCine();
    const planes = this.layout.id === 'mpr';
    const hung = planes ? Object.fromEntries(this.layout.cells.map(({ id }) => [id, setId])) : { [cell]: setId };
    if (this.state.hung[cell] !== setId) this.unlink();
    this.set({ hung: { ...this.state.hung, ...hung }, ...(planes ? {} : { active: cell }) });
    await this.show(cell);
  }

  private async show(cell: string): Promise<void> {
    const set = this.setOf(cell);
    if (!this.stage || !set || !this.mounted.has(cell)) return;
    if (this.layout.id === 'mpr') return this.showPlanes(set);
    const index = this.lastIndex.get(`${cell}:${set.id}`) ?? startIndex(set);
    await this.stage.showStack(cell, idsOf(set), index);
    if (this.disposed) return;
    this.set({ firstImageDrawn: true });
    if (cell === this.state.active || !this.state.cached) this.prefetch(set, index);
  }

  private async renew(cell: string, set: DisplaySet): Promise<void> {
    if (set.images.length === 0) return this.show(cell);
    await this.stage?.renewStack(cell, idsOf(set));
    const at = this.stage?.state(cell);
    if (at && !this.disposed && cell === this.state.active) this.prefetch(set, at.index);
  }

  private prefetch(set: DisplaySet, from: number): void {
    const total = imagesAhead(set);
    this.set({ cached: { loaded: 0, total } });
    this.stage?.prefetch(idsOf(set), from, total, (loaded) => {
      // Each step of 300 would render the page 300 times; a reader sees tenths.
      const step = Math.max(1, Math.floor(total / 20));
      if (loaded % step === 0 || loaded === total) this.set({ cached: { loaded, total } });
    });
  }

  private async showPlanes(set: DisplaySet): Promise<void> {
    const cells = this.layout.cells.map(({ id }) => id);
    if (!this.stage || !cells.every((id) => this.mounted.has(id)) || !set.volume.possible) return;
    const step = volumeStep(set);
    const imageIds = idsOf(set).filter((_, index) => index % step === 0);
    this.set({ volume: { share: 0, step } });
    const told = (share: number) => {
      if (!this.disposed && (share === 1 || share - (this.state.volume?.share ?? 0) >= 0.05)) this.set({ volume: { share, step } });
    };
    try {
      await this.stage.showVolume(cells, `${set.id}/${step}`, imageIds, told);
    } catch {
      return this.giveUpPlanes();
    }
    if (this.disposed) return;
    if (this.state.slabMm > 0) this.setSlab(this.state.slabMm);
    this.set({ firstImageDrawn: true });
  }

  /** The browser refused the memory, whatever the limits say. */
  private giveUpPlanes(): void {
    if (this.disposed) return;
    this.setLayout('1x1');
    this.notify('There is not enough memory for a reformat of this series. Its images are shown one by one; close other pages and try again.');
  }

  /** A mouse button or finger goes down in a cell. What is to be drawn needs an image that stands still: it stops the clip. */
  press(cell: string): void {
    this.activate(cell);
    if (this.state.cine?.cell === cell && isDrawingTool(this.state.tool)) void this.stopCine();
  }

  /** The wheel is turned over a cell: the reader goes on by hand from the image of the clip. */
  turn(cell: string): void {
    this.activate(cell);
    if (this.state.cine?.cell === cell) void this.stopCine();
  }

  activate(cell: string): void {
    if (this.state.active === cell) return;
    this.set({ active: cell });
    const set = this.setOf(cell);
    const at = this.stage?.state(cell);
    if (set && at && this.layout.id !== 'mpr') this.prefetch(set, at.index);
  }

  get layout() {
    return LAYOUTS[this.state.layout];
  }

  /** Cells that an act on the image is meant for: the active one, or all planes of a reformat. */
  get targets(): string[] {
    return this.state.layout === 'mpr' ? this.layout.cells.map(({ id }) => id) : [this.state.active];
  }

  /** Into the reformat, and back to where the reader came from. */
  togglePlanes(): void {
    this.setLayout(this.layout.id === 'mpr' ? this.beforePlanes : 'mpr');
  }

  setLayout(id: LayoutId): void {
    if (id === this.state.layout) return;
    const set = this.activeSet;
    if (id === 'mpr' && set && !set.volume.possible) return this.notify(set.volume.reason);
    if (id === 'mpr' && !set) return;
    if (id === 'mpr') this.beforePlanes = this.layout.id;
    void this.stopCine();
    this.unlink();
    this.stage?.fitAnew();
    const before = this.state.hung;
    const hung = hungIn(id, this.state, this.asked);
    const [first] = LAYOUTS[id].cells;
    this.set({ layout: id, hung, active: first?.id ?? 'a', volume: null, slabMm: 0 });
    // Cells that stay on the page are not mounted again, so what is new in them is shown from here.
    for (const { id: cell } of LAYOUTS[id].cells) if (before[cell] !== hung[cell]) void this.show(cell);
    if (id === 'mpr') this.setTool('crosshairs');
    else if (this.state.tool === 'crosshairs') this.setTool('window');
  }

  get activeSet(): DisplaySet | undefined {
    return this.setOf(this.state.active);
  }

  async compareWith(prior: StudyListing): Promise<void> {
    const before = this.asked;
    this.asked = prior.studyInstanceUid;
    await this.open({ ...prior, prior: true });
    if (this.disposed || this.asked !== prior.studyInstanceUid) return;
    const like = priorLike(this.state.hung.a, this.state, this.asked);
    if (like?.studyInstanceUid !== prior.studyInstanceUid) {
      this.asked = before;
      return this.notify('This study holds no images to compare with.');
    }
    if (this.state.layout === 'prior') await this.hang('b', like.id);
    else this.setLayout('prior');
  }

  // ---- prior: linked scrolling -----------------------------------------------------------------

  /** The slices on screen now are the same place in the patient: follow from here. */
  linkHere(): void {
    const offset = offsetOf(this.shown('a'), this.shown('b'));
    if (typeof offset === 'string') return this.notify(offset);
    this.stage?.link('a', 'b');
    this.stopFollowing.forEach((stop) => stop());
    this.stopFollowing = ['a', 'b'].map((cell) => this.stage?.onChange(cell, () => this.follow(cell)) ?? (() => undefined));
    this.set({ link: { offset } });
  }

  unlink(): void {
    if (!this.state.link) return;
    this.stopFollowing.forEach((stop) => stop());
    this.stopFollowing = [];
    this.stage?.unlink();
    this.set({ link: null });
  }

  /** Only the cell under the reader's hand leads; the other one's own changes must not come back. */
  private follow(leader: string): void {
    if (!this.state.link || leader !== this.state.active) return;
    const follower = leader === 'a' ? 'b' : 'a';
    const offset = leader === 'a' ? this.state.link.offset : -this.state.link.offset;
    const wanted = imageBeside(this.shown(leader), this.setOf(follower), offset);
    if (wanted !== undefined && wanted !== this.shown(follower).index) void this.stage?.goTo(follower, wanted);
  }

  private shown(cell: string): Shown {
    return { set: this.setOf(cell), index: this.stage?.state(cell)?.index };
  }

  // ---- acts on the image -----------------------------------------------------------------------

  setTool(tool: ToolId): void {
    if (isDrawingTool(tool)) void this.stopCine();
    this.stage?.setTool(tool);
    this.set({ tool });
  }

  setWindow(center: number, width: number): void {
    this.stage?.setWindow(this.targets, { center, width });
  }

  setPreset(number: number): void {
    const preset = presetsFor(this.activeSet?.modality ?? '')[number - 1];
    const image = this.stage?.windows(this.state.active);
    if (!preset || !image) return;
    const window = windowOf(preset, image);
    if (window) return this.setWindow(window.center, window.width);
    this.resetWindow();
    this.invert();
  }

  invert(): void {
    this.stage?.toggleInvert(this.targets);
  }

  rotate(degrees: number): void {
    this.stage?.rotate([this.state.active], degrees);
  }

  flip(axis: 'flipHorizontal' | 'flipVertical'): void {
    this.stage?.flip([this.state.active], axis);
  }

  zoomBy(factor: number): void {
    this.stage?.zoomBy(this.targets, factor);
  }

  resetView(): void {
    this.stage?.reset(this.targets);
    if (this.layout.id === 'mpr') this.setSlab(0);
  }

  /** The window that the file asks for; zoom, place and slab stay. */
  resetWindow(): void {
    this.stage?.resetWindow(this.targets);
  }

  setSlab(millimetres: number): void {
    this.stage?.setSlab(this.layout.cells.map(({ id }) => id), millimetres);
    this.set({ slabMm: millimetres });
  }

  scroll(delta: number): void {
    void this.stopCine();
    this.stage?.scroll(this.state.active, delta);
  }

  goTo(index: number, cell = this.state.active): void {
    void this.stopCine();
    void this.stage?.goTo(cell, index);
  }

  goToEnd(end: 'first' | 'last'): void {
    this.goTo(end === 'first' ? 0 : Number.MAX_SAFE_INTEGER);
  }

  /** Hang the series before or after the one that is shown. */
  stepSeries(by: 1 | -1): void {
    const shown = this.activeSet;
    const prior = shown ? (this.studyOf(shown)?.prior ?? false) : false;
    const sets = this.state.sets.filter((set) => (this.studyOf(set)?.prior ?? false) === prior);
    const next = sets[sets.findIndex((set) => set.id === shown?.id) + by];
    if (next) void this.hang(this.state.active, next.id);
  }

  // ---- cine ------------------------------------------------------------------------------------

  /** Images a second: what the file says, else what is usual for stills. */
  fps({ frameTimeMs }: DisplaySet): number {
    return frameTimeMs ? Math.min(60, 1000 / frameTimeMs) : 15;
  }

  async toggleCine(): Promise<void> {
    if (this.state.cine) return this.stopCine();
    const set = this.activeSet;
    const cell = this.state.active;
    if (!set || set.images.length < 2 || this.layout.id === 'mpr') return;
    if (imagesAhead(set) < set.images.length) return this.notify('This series is too large to be played: a clip plays from memory. Turn the wheel instead.');
    this.set({ cine: { cell, cached: 0 } });
    try {
      await this.loadClip(cell, set);
    } catch {
      if (this.state.cine) this.notify('The clip is not played: one of its images could not be loaded. Try again in a moment.');
      return this.stopCine();
    }
    if (this.state.cine && this.setOf(cell)?.id === set.id) this.play(cell, set);
  }

  private async loadClip(cell: string, set: DisplaySet): Promise<void> {
    await this.stage?.cacheAll(idsOf(set), (share) => {
      if (this.state.cine && (share === 1 || share - this.state.cine.cached > 0.05)) this.set({ cine: { cell, cached: share } });
    });
  }

  private play(cell: string, set: DisplaySet): void {
    // A clip that was stopped and begun again while its images came would be played twice.
    this.stopPlaying();
    this.set({ cine: { cell, cached: 1 } });
    const from = this.stage?.state(cell)?.index ?? 0;
    this.stopPlaying = play({ from, total: set.images.length, frameTimeMs: 1000 / this.fps(set), show: (index) => this.playTo(cell, index) });
  }

  /** Images that lie in several directions are turned by the viewport, each for itself. */
  private playTo(cell: string, index: number): void {
    const set = this.setOf(cell);
    const isOneView = set?.normal !== undefined || set?.images[index]?.position === undefined;
    if (!isOneView || !this.stage?.playTo(cell, index)) void this.stage?.goTo(cell, index);
  }

  async stopCine(): Promise<void> {
    this.stopPlaying();
    if (this.state.cine) this.set({ cine: null });
    await this.stage?.endClip();
  }

  // ---- measurements ----------------------------------------------------------------------------

  private readAnnotations(): void {
    if (this.mutedAnnotations || this.disposed) return;
    const records = drawnAnnotations()
      .map(({ drawn, on }) => this.untouched(toRecord(drawn, on)))
      .filter((record) => record !== null);
    this.set({ measurements: records, selected: selectedAnnotations()[0] ?? null });
  }

  /** Until its image has been read, a saved measurement keeps what was computed of it: nobody can have moved it. */
  private untouched(record: MeasurementRecord | null): MeasurementRecord | null {
    const saved = record ? this.saved.get(record.uid) : undefined;
    if (!record || !saved?.sopInstanceUid || this.placeOf(record)) return record;
    const { points, values, text } = saved;
    return { ...record, points, values, text };
  }

  /** Put saved measurements on the images; those of other readers cannot be moved. */
  restore(records: MeasurementRecord[], { locked }: { locked: boolean }): void {
    records.forEach((record) => this.saved.set(record.uid, record));
    this.mutedAnnotations = true;
    records.forEach((record) => restoreAnnotation(restored(record, location.origin), locked || this.readOnly));
    this.mutedAnnotations = false;
    this.readAnnotations();
    this.stage?.render();
  }

  removeMeasurement(uid: string): void {
    removeAnnotation(uid);
    this.stage?.render();
  }

  removeSelected(): void {
    if (this.state.selected && !this.readOnly) this.removeMeasurement(this.state.selected);
  }

  /** Show the image that a measurement was made on. */
  async showMeasurement(record: MeasurementRecord): Promise<void> {
    const set = this.state.sets.find((candidate) => candidate.images.some((image) => isOn(record, image)));
    if (!set) return this.notify('The image of this measurement is not loaded.');
    void this.stopCine();
    if (this.layout.id === 'mpr') this.setLayout('1x1');
    const cell = this.layout.cells.find(({ id }) => this.state.hung[id] === set.id)?.id ?? this.state.active;
    if (this.state.hung[cell] !== set.id) await this.hang(cell, set.id);
    await this.stage?.goTo(cell, set.images.findIndex((image) => isOn(record, image)));
    selectAnnotation(record.uid);
    this.stage?.render();
  }

  placeOf(record: MeasurementRecord): { series: number; image: number } | null {
    return numbersOf(record, this.state.sets);
  }

  priorOf(record: MeasurementRecord): string | null {
    return priorOf(record, this.state.sets, this.state.studies);
  }

  private askText(current: string): Promise<string | null> {
    return new Promise((resolve) => {
      const done = (text: string | null) => {
        this.set({ textPrompt: null });
        resolve(text);
      };
      this.set({ textPrompt: { current, done } });
    });
  }

  // ---- page ------------------------------------------------------------------------------------

  toggleHelp(): void {
    this.set({ helpOpen: !this.state.helpOpen });
  }

  notify(notice: string): void {
    this.set({ notice });
  }

  /** Key images and tests ask where a cell is; the stage answers for the viewport. */
  view(cell: string) {
    return this.stage?.state(cell) ?? null;
  }

  /** Whether the active cell shows an instance; the planes of a reformat are none. */
  get showsInstance(): boolean {
    return this.layout.id !== 'mpr' && this.activeSet !== undefined;
  }

  /** Save what the active cell shows, with what is drawn on it. */
  async savePicture(): Promise<void> {
    const [cell, set] = [this.state.active, this.activeSet];
    await this.stopCine();
    const [element, view] = [this.mounted.get(cell)?.element, this.view(cell)];
    if (!element || !set || !view) return;
    const window = view.width === null ? '' : ` · W ${Math.round(view.width)} L ${Math.round(view.center ?? 0)}`;
    const words = `Not for diagnosis · ${placeWords(set, cell, view)}${window}`;
    await this.saving(async () => {
      const picture = await pictureOf(element, this.letters(cell), words);
      await tellPicture(set);
      save(picture, `${fileName(set, cell, view)}.png`);
    });
  }

  /** Save the DICOM file of the image in the active cell, as it was received. */
  async saveInstance(): Promise<void> {
    const [set, view] = [this.activeSet, this.view(this.state.active)];
    const address = addressOf(view?.imageId ?? '');
    if (!set || !view || !address || !this.showsInstance) return;
    await this.saving(async () => save(await fileOf(address), `${fileName(set, this.state.active, view)}.dcm`));
  }

  private async saving(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.notify(`The image is not saved. ${sentenceOf(error)}`);
    }
  }

  letters(cell: string) {
    const images = this.setOf(cell)?.images;
    const shown = images?.[this.stage?.state(cell)?.index ?? 0] ?? images?.[0];
    if (shown?.position !== undefined) return this.stage?.letters(cell) ?? null;
    return shown?.directions ? (this.stage?.letters(cell, shown.directions) ?? null) : null;
  }

  onViewChange(cell: string, listener: () => void): () => void {
    return this.stage?.onChange(cell, listener) ?? (() => undefined);
  }

  pageOf(cell: string, world: [number, number, number]) {
    return this.stage?.pageOf(cell, world) ?? null;
  }
}

const idsOf = (set: DisplaySet): string[] => set.images.map((image) => image.imageId);
