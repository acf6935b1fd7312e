/** The slab of a reformat: what is set stays with whatever is hung, and goes with the view; the stage that draws is a fake. */
import { beforeEach, expect, it, vi } from 'vitest';
import { ViewerController } from './controller';
import { loadSeries } from './dicomweb';
import { seriesOf } from './quiet-stage';

const stage = vi.hoisted(() => ({ slabMm: 0, acts: [] as string[] }));

vi.mock('./dicomweb', () => ({ loadSeries: vi.fn() }));
vi.mock('./cornerstone', async () => {
  const { quietCornerstone, QuietStage } = await import('./quiet-stage');
  class TheStage extends QuietStage {
    /** As the library does: new actors know nothing of a slab. */
    showVolume() {
      stage.slabMm = 0;
    }
    setSlab(_cells: string[], millimetres: number) {
      stage.slabMm = millimetres;
    }
    reset() {
      stage.acts.push('everything');
      stage.slabMm = 0;
    }
    resetWindow() {
      stage.acts.push('window');
    }
  }
  return quietCornerstone(TheStage);
});

let viewer: ViewerController;

beforeEach(async () => {
  stage.acts = [];
  vi.mocked(loadSeries).mockImplementation(({ seriesInstanceUid }) => Promise.resolve([seriesOf(seriesInstanceUid, 10)]));
  viewer = new ViewerController();
  viewer.mount('a', document.createElement('div'));
  const series = ['1.2', '1.3'].map((seriesInstanceUid) => ({ seriesInstanceUid, modality: 'CT', seriesNumber: 1, description: '', count: 10, revision: 1 }));
  await viewer.open({ studyInstanceUid: '1', label: '', date: '', prior: false, series, documents: [] });
  viewer.setLayout('mpr');
  viewer.layout.cells.forEach(({ id, orientation }) => viewer.mount(id, document.createElement('div'), orientation));
  viewer.setSlab(20);
});

it('is that of the next series as well', async () => {
  await viewer.hang('axial', '1.3');

  expect(stage.slabMm).toBe(20);
});

it('goes when the view is reset', () => {
  viewer.resetView();

  expect([stage.slabMm, viewer.getState().slabMm]).toEqual([0, 0]);
});

it('stays when only the window is that of the scanner again', () => {
  viewer.resetWindow();

  expect([stage.acts, stage.slabMm, viewer.getState().slabMm]).toEqual([['window'], 20, 20]);
});
