/** What the viewer says and does where a series is too large; the stage that draws is a fake. */
import { beforeEach, expect, it, vi } from 'vitest';
import { ViewerController } from './controller';
import { loadSeries } from './dicomweb';
import type { DisplaySet } from './display-sets';
import { seriesOf } from './quiet-stage';

const stage = vi.hoisted(() => ({ volumes: [] as string[][], refusesVolumes: false }));

vi.mock('./dicomweb', () => ({ loadSeries: vi.fn() }));
vi.mock('./cornerstone', async () => {
  const { quietCornerstone, QuietStage } = await import('./quiet-stage');
  class TheStage extends QuietStage {
    showVolume(_cells: string[], _name: string, imageIds: string[]) {
      if (stage.refusesVolumes) throw new Error('CACHE_SIZE_EXCEEDED');
      stage.volumes.push(imageIds);
    }
  }
  return quietCornerstone(TheStage);
});

async function opened(set: DisplaySet): Promise<ViewerController> {
  vi.mocked(loadSeries).mockResolvedValue([set]);
  const viewer = new ViewerController();
  viewer.mount('a', document.createElement('div'));
  const series = { seriesInstanceUid: '1.2', modality: 'CT', seriesNumber: 1, description: '', count: set.images.length, revision: 1 };
  await viewer.open({ studyInstanceUid: '1', label: '', date: '', prior: false, series: [series], documents: [] });
  return viewer;
}

/** As the page does when the layout has changed: its cells come and ask to be filled. */
function reformat(viewer: ViewerController): void {
  viewer.setLayout('mpr');
  viewer.layout.cells.forEach(({ id, orientation }) => viewer.mount(id, document.createElement('div'), orientation));
}

beforeEach(() => {
  stage.volumes = [];
  stage.refusesVolumes = false;
});

it('1,500 slices are reformatted from every second one, and the page is told', async () => {
  const viewer = await opened(seriesOf('1.2', 1500, 512));

  reformat(viewer);

  expect(stage.volumes.map((ids) => ids.length)).toEqual([750]);
  expect(viewer.getState().volume?.step).toBe(2);
});

it('a reformat for which the browser has no memory is refused with a sentence, and the images come back', async () => {
  const viewer = await opened(seriesOf('1.2', 300, 512));
  stage.refusesVolumes = true;

  reformat(viewer);

  await vi.waitFor(() => expect(viewer.getState().notice).toContain('not enough memory'));
  expect(viewer.getState().layout).toBe('1x1');
});

it('a series that does not fit into memory is loaded ahead in part, and is not played', async () => {
  const viewer = await opened(seriesOf('1.2', 1500, 1024));

  await viewer.toggleCine();

  expect(viewer.getState().cached?.total).toBe(768);
  expect(viewer.getState().cine).toBeNull();
  expect(viewer.getState().notice).toContain('too large to be played');
});
