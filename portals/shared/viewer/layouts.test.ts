/** What hangs where when the layout changes; the stage that draws is a fake. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { actionForKey, keyOf } from './actions';
import type { StudyListing } from './study-listing';
import { ViewerController } from './controller';
import { loadSeries } from './dicomweb';
import { seriesOf } from './quiet-stage';

/** Of each cell that is on the page, the series that is drawn in it and the place in that. */
const stage = vi.hoisted(() => ({ drawn: new Map<string, { images: string[]; index: number }>() }));

vi.mock('./dicomweb', () => ({ loadSeries: vi.fn() }));
vi.mock('./cornerstone', async () => {
  const { quietCornerstone, QuietStage } = await import('./quiet-stage');
  class TheStage extends QuietStage {
    override showStack(cell: string, images: string[], index: number) {
      stage.drawn.set(cell, { images, index });
    }
    override state(cell: string) {
      return stage.drawn.get(cell) ?? null;
    }
    override detach(cell?: string) {
      if (cell) stage.drawn.delete(cell);
    }
    goTo(cell: string, index: number) {
      const shown = stage.drawn.get(cell);
      if (shown) stage.drawn.set(cell, { ...shown, index });
    }
    scroll(cell: string, delta: number) {
      this.goTo(cell, (stage.drawn.get(cell)?.index ?? 0) + delta);
    }
  }
  return quietCornerstone(TheStage);
});

const study = (studyInstanceUid: string, ids: string[], prior = false): StudyListing => ({
  studyInstanceUid,
  label: '',
  date: '',
  prior,
  series: ids.map((seriesInstanceUid) => ({ seriesInstanceUid, modality: 'CT', seriesNumber: 1, description: '', count: 20, revision: 1 })),
  documents: [],
});

let viewer: ViewerController;

/** As the page does when the layout has changed: cells that are in both stay on it. */
function press(key: string): void {
  const before = viewer.layout.cells.map(({ id }) => id);
  const digit = /\d/.exec(key)?.[0];
  actionForKey(keyOf({ key, code: digit ? `Digit${digit}` : '', shiftKey: digit !== undefined }), viewer)?.run(viewer);
  const after = viewer.layout.cells.map(({ id }) => id);
  before.filter((id) => !after.includes(id)).forEach((id) => viewer.unmount(id));
  after.filter((id) => !before.includes(id)).forEach((id) => viewer.mount(id, document.createElement('div')));
}

const drawn = () => Object.fromEntries([...stage.drawn].map(([cell, { images }]) => [cell, images[0]?.split('/')[0]]));

async function opened(...ids: string[]) {
  await viewer.open(study('1', ids));
  await viewer.open(study('9', ['prior'], true));
}

beforeEach(() => {
  stage.drawn = new Map();
  vi.mocked(loadSeries).mockImplementation(({ studyInstanceUid, seriesInstanceUid }) => Promise.resolve([{ ...seriesOf(seriesInstanceUid, 20), studyInstanceUid }]));
  viewer = new ViewerController();
  viewer.mount('a', document.createElement('div'));
});

describe('four images', () => {
  it('show the series that hangs and those that follow, none of a prior', async () => {
    await opened('s1', 's2', 's3', 's4', 's5');

    press('4');

    expect(drawn()).toEqual({ a: 's1', b: 's2', c: 's3', d: 's4' });
  });

  it('leave cells empty where the study has fewer series', async () => {
    await opened('s1', 's2');

    press('4');

    expect(drawn()).toEqual({ a: 's1', b: 's2' });
    expect(viewer.layout.cells.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
  });

  it('take what is hung in one of them, and scroll that one alone', async () => {
    await opened('s1', 's2', 's3', 's4', 's5');
    press('4');

    viewer.activate('c');
    await viewer.hang('c', 's5');
    viewer.scroll(3);

    expect(drawn()).toEqual({ a: 's1', b: 's2', c: 's5', d: 's4' });
    expect(['a', 'b', 'c', 'd'].map((cell) => stage.drawn.get(cell)?.index)).toEqual([10, 10, 13, 10]);
  });

  it('come back as they were left, each at its place', async () => {
    await opened('s1', 's2', 's3', 's4', 's5');
    press('4');
    await viewer.hang('d', 's5');
    viewer.goTo(2, 'd');

    press('1');
    expect(drawn()).toEqual({ a: 's1' });

    press('4');
    expect(drawn()).toEqual({ a: 's1', b: 's2', c: 's3', d: 's5' });
    expect(stage.drawn.get('d')?.index).toBe(2);
  });
});

it('the reformat goes back to where the reader came from', async () => {
  await opened('s1', 's2', 's3');
  press('2');

  viewer.togglePlanes();
  expect(viewer.getState().layout).toBe('mpr');
  viewer.togglePlanes();

  expect(viewer.getState().layout).toBe('1x2');
  expect(drawn()).toEqual({ a: 's1', b: 's2' });
});

it('two side by side show the first two of four', async () => {
  await opened('s1', 's2', 's3', 's4');
  press('4');

  press('2');

  expect(drawn()).toEqual({ a: 's1', b: 's2' });
});
