/** A current study beside a prior: whose images hang there, and what scrolls with what; the stage that draws is a fake. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import type { StudyListing } from './study-listing';
import { ViewerController } from './controller';
import { loadSeries } from './dicomweb';
import type { DisplaySet } from './display-sets';
import { seriesOf } from './quiet-stage';

const stage = vi.hoisted(() => ({ at: new Map<string, number>(), listeners: new Map<string, () => void>(), isLinked: false }));

vi.mock('./dicomweb', () => ({ loadSeries: vi.fn() }));
vi.mock('./cornerstone', async () => {
  const { quietCornerstone, QuietStage } = await import('./quiet-stage');
  class TheStage extends QuietStage {
    override showStack(cell: string, _imageIds: string[], index: number) {
      stage.at.set(cell, index);
    }
    override state(cell: string) {
      return stage.at.has(cell) ? { index: stage.at.get(cell) } : null;
    }
    goTo(cell: string, index: number) {
      stage.at.set(cell, index);
      stage.listeners.get(cell)?.();
    }
    onChange(cell: string, listener: () => void) {
      stage.listeners.set(cell, listener);
      return () => stage.listeners.delete(cell);
    }
    link() {
      stage.isLinked = true;
    }
    unlink() {
      stage.isLinked = false;
    }
  }
  return quietCornerstone(TheStage);
});

const AXIAL: [number, number, number] = [0, 0, 1];
const SAGITTAL: [number, number, number] = [1, 0, 0];

/** From head to foot, as axial images are read. */
const setOf = (study: string, id: string, normal = AXIAL): DisplaySet => {
  const series = seriesOf(id, 20);
  return { ...series, studyInstanceUid: study, normal, images: series.images.map((image, index) => ({ ...image, position: -index })) };
};

const SETS: DisplaySet[] = [setOf('now', 'now.1'), setOf('now', 'now.2', SAGITTAL), setOf('older', 'older.1'), setOf('oldest', 'oldest.1')];

const studyOf = (studyInstanceUid: string): StudyListing => ({
  studyInstanceUid,
  label: studyInstanceUid,
  date: '',
  prior: studyInstanceUid !== 'now',
  series: SETS.filter((set) => set.studyInstanceUid === studyInstanceUid).map(({ seriesInstanceUid }) => ({ seriesInstanceUid, modality: 'CT', seriesNumber: 1, description: '', count: 20, revision: 1 })),
  documents: [],
});

let viewer: ViewerController;

async function compare(study: string): Promise<void> {
  await viewer.compareWith(studyOf(study));
  viewer.mount('b', document.createElement('div'));
}

beforeEach(async () => {
  Object.assign(stage, { at: new Map(), listeners: new Map(), isLinked: false });
  vi.mocked(loadSeries).mockImplementation(({ seriesInstanceUid }) => Promise.resolve(SETS.filter((set) => set.seriesInstanceUid === seriesInstanceUid)));
  viewer = new ViewerController();
  viewer.mount('a', document.createElement('div'));
  await viewer.open(studyOf('now'));
});

describe('the prior that is asked for', () => {
  it('hangs, however many were opened before', async () => {
    await compare('older');
    expect(viewer.getState().hung.b).toBe('older.1');

    await compare('oldest');
    expect(viewer.getState().hung.b).toBe('oldest.1');
  });

  it('is the one that comes back with the layout', async () => {
    await compare('older');
    await compare('oldest');
    viewer.setLayout('1x1');

    viewer.setLayout('prior');

    expect(viewer.getState().hung.b).toBe('oldest.1');
  });

  it('is not replaced by another one when it holds no image', async () => {
    await compare('older');

    await viewer.compareWith({ ...studyOf('oldest'), series: [] });

    expect(viewer.getState().hung.b).toBe('older.1');
    expect(viewer.getState().notice).toContain('holds no images');
  });
});

describe('linked series', () => {
  it('scroll together from where they were linked', async () => {
    await compare('older');
    viewer.goTo(4, 'a');
    viewer.goTo(7, 'b');
    viewer.activate('a');

    viewer.linkHere();
    viewer.goTo(5, 'a');

    expect(stage.at.get('b')).toBe(8);
  });

  it('are linked no more when another one hangs in place of either', async () => {
    await compare('older');
    viewer.linkHere();
    expect(stage.isLinked).toBe(true);

    await compare('oldest');

    expect([stage.isLinked, viewer.getState().link]).toEqual([false, null]);
  });

  it('stay linked when the same is hung again', async () => {
    await compare('older');
    viewer.linkHere();

    await compare('older');

    expect(stage.isLinked).toBe(true);
  });

  it('are cut in one direction, and a reader who links others is told', async () => {
    await compare('older');
    await viewer.hang('a', 'now.2');

    viewer.linkHere();

    expect(stage.isLinked).toBe(false);
    expect(viewer.getState().notice).toContain('sagittal and axial');
  });
});
