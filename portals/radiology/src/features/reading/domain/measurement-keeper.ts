/**
 * Keeps what a reader draws: on the server as soon as the hand rests, and until it is there in this browser.
 *
 * What must stay true: nothing is written before it has met what the server holds, so no other tab's drawing is
 * replaced unseen; and what is not on the server is never told as saved.
 */
import type { writeMeasurements } from '@shared/api/studies';
import type { MeasurementsOfOrder } from '@shared/api/types';
import type { DraftTab } from '@shared/drafts/draft-tab';
import type { LocalDraft } from '@shared/drafts/merge';
import { later } from '@shared/http/later';
import { mayPass, ProblemError } from '@shared/http/problem';
import type { ViewerController } from '@shared/viewer/controller';
import { addressOf } from '@shared/viewer/display-sets';
import type { MeasurementRecord } from '@shared/viewer/measurements';
import { mergeMeasurements, saysSame } from '@shared/viewer/measurements';

/** Dragging a handle changes the value with each move; the set is written when the hand rests. */
const REST_MS = 1200;
const KEEP_AFTER_MS = 250;

export type Drawn = Readonly<{ records: MeasurementRecord[] }>;

export interface Keeping {
  /** What was measured before is there. */
  isLoaded: boolean;
  /** Something that is drawn, or removed, is not so on the server. */
  isUnsaved: boolean;
  /** The server could not be reached, and is asked again by itself. */
  isWaiting: boolean;
  /** Why it was refused; a person has to try again. */
  error: unknown;
}

/** What has become of the measurements of a case that is left. */
export type Fate = 'saved' | 'kept' | 'lost';

export const AT_FIRST: Keeping = { isLoaded: false, isUnsaved: false, isWaiting: false, error: null };

type WrittenSet = Parameters<typeof writeMeasurements>[1];

interface Surroundings {
  readerId: string;
  viewer: ViewerController;
  /** The studies of the order; the first is the newest. */
  studies: () => string[];
  /** List a prior in the viewer, whose images were measured. */
  listPrior: (studyInstanceUid: string) => void;
  read: () => Promise<MeasurementsOfOrder>;
  /** Null: this reader may look only. */
  write: ((body: WrittenSet) => ReturnType<typeof writeMeasurements>) | null;
  openTab: (onLeft: (draft: LocalDraft<Drawn>) => void) => DraftTab<Drawn>;
  onChange: (keeping: Keeping) => void;
}

/** What the server holds of this reader on one study, as far as it is known here. */
interface Known {
  version: number;
  records: MeasurementRecord[];
}

const NOTHING: Known = { version: 0, records: [] };

export class MeasurementKeeper {
  private readonly around: Surroundings;
  private readonly known = new Map<string, Known>();
  /** Studies that are the order's, or were. */
  private readonly ofOrder = new Set<string>();
  private readonly listed = new Set<string>();
  private own: MeasurementRecord[] = [];
  private keeping = AT_FIRST;
  private hasMet = false;
  private isLeft = false;
  private tab: DraftTab<Drawn> | null = null;
  private rest: ReturnType<typeof setTimeout> | undefined;
  private keepSoon: ReturnType<typeof setTimeout> | undefined;
  private working = Promise.resolve();

  constructor(around: Surroundings) {
    this.around = around;
  }

  /** Load what was measured before, and follow the hand from now on; returns how to leave, which tells what has become of all. */
  begin(): () => Promise<Fate> {
    const stop = this.around.viewer.subscribe(() => this.look());
    void this.save();
    return () => {
      stop();
      return this.leave();
    };
  }

  /** Write what is not on the server, at once, and begin with loading where that has failed. */
  save(): Promise<void> {
    clearTimeout(this.rest);
    this.working = this.working.then(() => this.settle()).catch((error: unknown) => this.tell({ isWaiting: false, error }));
    return this.working;
  }

  private async leave(): Promise<Fate> {
    this.isLeft = true;
    clearTimeout(this.keepSoon);
    clearTimeout(this.rest);
    // What could never be loaded met nothing that was left here, and leaves its own all the same.
    this.tab ??= this.around.openTab(() => undefined);
    // What waits is written at once, and kept while the server is silent.
    const done = this.changed().length > 0 ? this.save() : this.working;
    await this.keep();
    await done;
    const isKept = await this.keep();
    this.tab.close();
    if (this.changed().length === 0) return 'saved';
    return isKept ? 'kept' : 'lost';
  }

  /** Try until the server has it, or refuses, or the case is left. */
  private async settle(): Promise<void> {
    for (let attempt = 0; ; attempt += 1) {
      try {
        if (!this.hasMet) await this.meet();
        for (const study of this.changed()) await this.send(study);
        this.tell({ isWaiting: false, error: null });
        return;
      } catch (error) {
        const isStale = error instanceof ProblemError && error.code === 'measurements_stale';
        if (!isStale && !mayPass(error)) throw error;
        if (this.isLeft && (!isStale || attempt > 0)) throw error;
        if (isStale) this.hasMet = false;
        else this.tell({ isWaiting: true, error: null });
        // What another tab wrote can be read at once, as a rule; what cannot be reached needs time.
        if (!isStale || attempt > 0) await later(attempt);
      }
    }
  }

  /** What the server holds comes to what is drawn here. */
  private async meet(): Promise<void> {
    if (!this.isLeft) await this.around.viewer.start();
    const { items } = await this.around.read();
    const before = this.onServer();
    for (const { studyInstanceUid, sets } of items) {
      const mine = sets.find(({ readerId }) => readerId === this.around.readerId);
      this.known.set(studyInstanceUid, mine ? { version: mine.version, records: recordsOf(mine) } : NOTHING);
    }
    this.hasMet = true;
    const others = items.flatMap(({ sets }) => sets.filter(({ readerId }) => readerId !== this.around.readerId)).flatMap(recordsOf);
    this.show(this.drawn().filter(isLocked), others, { locked: true });
    this.replaceOwn(mergeMeasurements(before, this.own, this.onServer()));
    this.tell({ isLoaded: true });
    if (!this.tab && !this.isLeft) void this.openTab();
  }

  private async send(studyInstanceUid: string): Promise<void> {
    const records = this.ownOn(studyInstanceUid);
    const { version } = this.known.get(studyInstanceUid) ?? NOTHING;
    const answer = await this.around.write?.({ studyInstanceUid, expectedVersion: version, annotations: records as unknown as WrittenSet['annotations'] });
    const mine = answer?.sets.find(({ readerId }) => readerId === this.around.readerId);
    this.known.set(studyInstanceUid, { version: mine?.version ?? version + 1, records });
    this.keepLater();
  }

  private look(): void {
    if (this.isLeft) return;
    const own = this.drawn().filter((record) => !isLocked(record) && this.studyOf(record) !== null);
    if (own.length === this.own.length && own.every((record, index) => saysSame(record, this.own[index]))) return;
    this.own = own;
    this.tell({});
    this.keepLater();
    clearTimeout(this.rest);
    this.rest = setTimeout(() => void this.save(), REST_MS);
  }

  private drawn(): MeasurementRecord[] {
    return this.around.viewer.getState().measurements;
  }

  private replaceOwn(wanted: MeasurementRecord[]): void {
    const before = this.own;
    this.own = wanted;
    this.show(before, wanted, { locked: false });
  }

  /** Bring what is on the images from one state to another; what is the same is left as it is. */
  private show(before: MeasurementRecord[], wanted: MeasurementRecord[], { locked }: { locked: boolean }): void {
    if (this.isLeft) return;
    const differ = (here: MeasurementRecord[], there: MeasurementRecord[]) =>
      here.filter((record) => !saysSame(record, there.find(({ uid }) => uid === record.uid)));
    const [gone, missing] = [differ(before, wanted), differ(wanted, before)];
    missing.forEach((record) => this.listPriorOf(record));
    gone.forEach(({ uid }) => this.around.viewer.removeMeasurement(uid));
    if (gone.length + missing.length > 0) this.around.viewer.restore(missing, { locked });
  }

  /**
   * The study that a drawing is kept with: its own, or the newest of the order, if it was made on a prior to compare with;
   * null on a study that was taken out of the order, and on a reformatted plane of a prior.
   */
  private studyOf(record: MeasurementRecord): string | null {
    const studies = this.studies();
    const measured = studyMeasured(record);
    if (measured && studies.includes(measured)) return measured;
    const home = [...this.known].find(([, { records }]) => records.some(({ uid }) => uid === record.uid));
    if (home) return home[0];
    const isKept = measured ? !this.ofOrder.has(measured) : !this.around.viewer.priorOf(record);
    return isKept ? (studies[0] ?? null) : null;
  }

  private studies(): string[] {
    const studies = this.around.studies();
    studies.forEach((uid) => this.ofOrder.add(uid));
    return studies;
  }

  /** What comes back of a prior is seen, named and measured with its images. */
  private listPriorOf(record: MeasurementRecord): void {
    const measured = studyMeasured(record);
    if (!measured || this.studies().includes(measured) || this.listed.has(measured)) return;
    this.listed.add(measured);
    this.around.listPrior(measured);
  }

  private ownOn(study: string): MeasurementRecord[] {
    return this.own.filter((record) => this.studyOf(record) === study);
  }

  private onServer(): MeasurementRecord[] {
    return [...this.known.values()].flatMap(({ records }) => records);
  }

  /** Studies on which something is drawn or removed that the server has otherwise. */
  private changed(): string[] {
    if (!this.around.write) return [];
    return this.studies().filter((study) => {
      const [own, { records }] = [this.ownOn(study), this.known.get(study) ?? NOTHING];
      return own.length !== records.length || own.some((record) => !saysSame(record, records.find(({ uid }) => uid === record.uid)));
    });
  }

  // ---- in this browser -------------------------------------------------------------------------

  private async openTab(): Promise<void> {
    this.tab = this.around.openTab(({ base, content }) => {
      this.replaceOwn(mergeMeasurements(base.records, content.records, this.own));
      void this.save();
    });
    // A browser that keeps nothing (a private window) still saves on the server.
    await this.tab.open().catch(() => undefined);
    this.keepLater();
  }

  private keepLater(): void {
    clearTimeout(this.keepSoon);
    if (!this.isLeft) this.keepSoon = setTimeout(() => void this.keep(), KEEP_AFTER_MS);
  }

  /** Resolves to whether this browser keeps it. */
  private async keep(): Promise<boolean> {
    if (!this.tab) return false;
    const draft = { content: { records: this.own }, base: { records: this.onServer() }, baseVersion: 0, savedAt: Date.now() };
    const kept = this.changed().length > 0 ? this.tab.write(draft) : this.tab.clear();
    return kept.then(
      () => true,
      () => false,
    );
  }

  private tell(change: Partial<Keeping>): void {
    this.keeping = { ...this.keeping, ...change, isUnsaved: this.changed().length > 0 };
    this.around.onChange(this.keeping);
  }
}

/** Whose image it was made on; empty on a reformatted plane. */
const studyMeasured = ({ annotation }: MeasurementRecord): string => addressOf(annotation.metadata?.referencedImageId ?? '')?.studyInstanceUid ?? '';

const isLocked = (record: MeasurementRecord): boolean => record.annotation.isLocked === true;

const recordsOf = ({ annotations }: { annotations: ReadonlyArray<unknown> }): MeasurementRecord[] => annotations as MeasurementRecord[];
