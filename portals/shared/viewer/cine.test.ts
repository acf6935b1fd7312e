/** A clip plays until the reader does something that needs an image that stands still; the stage that draws is a fake. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ViewerController } from './controller';
import { loadSeries } from './dicomweb';
import { seriesOf } from './quiet-stage';

const stage = vi.hoisted(() => ({ shown: [] as number[], stoodStill: 0, isLoaded: [] as Array<(failed?: Promise<never>) => void> }));

vi.mock('./dicomweb', () => ({ loadSeries: vi.fn() }));
vi.mock('./cornerstone', async () => {
  const { quietCornerstone, QuietStage } = await import('./quiet-stage');
  class TheStage extends QuietStage {
    cacheAll() {
      return new Promise<void>((resolve) => stage.isLoaded.push((failed) => resolve(failed)));
    }
    playTo(_cell: string, index: number) {
      stage.shown.push(index);
      return true;
    }
    endClip() {
      stage.stoodStill += 1;
    }
    state() {
      return { index: 0 };
    }
    goTo() {}
    scroll() {}
  }
  return quietCornerstone(TheStage);
});

async function opened(): Promise<ViewerController> {
  vi.mocked(loadSeries).mockResolvedValue([{ ...seriesOf('1.2', 30), frameTimeMs: 40, normal: [0, 0, 1] }]);
  const viewer = new ViewerController();
  viewer.mount('a', document.createElement('div'));
  const series = { seriesInstanceUid: '1.2', modality: 'US', seriesNumber: 1, description: '', count: 30, revision: 1 };
  await viewer.open({ studyInstanceUid: '1', label: '', date: '', prior: false, series: [series], documents: [] });
  return viewer;
}

async function playing(): Promise<ViewerController> {
  const viewer = await opened();
  const play = viewer.toggleCine();
  stage.isLoaded.shift()?.();
  await play;
  return viewer;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['requestAnimationFrame', 'cancelAnimationFrame', 'performance'] });
  Object.assign(stage, { shown: [], stoodStill: 0, isLoaded: [] });
});

describe('a clip', () => {
  it('shows 25 images a second where the file says 40 ms for each', async () => {
    await playing();

    vi.advanceTimersByTime(1000);

    expect(stage.shown.length).toBeGreaterThanOrEqual(24);
    expect(stage.shown.slice(0, 3)).toEqual([1, 2, 3]);
  });

  it('that was stopped and begun again while its images came is played once', async () => {
    const viewer = await opened();
    const first = viewer.toggleCine();
    await viewer.toggleCine();
    const second = viewer.toggleCine();
    stage.isLoaded.forEach((loaded) => loaded());
    await Promise.all([first, second]);

    await viewer.stopCine();
    stage.shown = [];
    vi.advanceTimersByTime(1000);

    expect(stage.shown).toEqual([]);
  });

  it('of which an image cannot be loaded says so, and is not played', async () => {
    const viewer = await opened();
    const play = viewer.toggleCine();

    stage.isLoaded.shift()?.(Promise.reject(new Error('503')));
    await play;

    expect(viewer.getState().cine).toBeNull();
    expect(viewer.getState().notice).toContain('could not be loaded');
  });

  it.each<[string, (viewer: ViewerController) => void]>([
    ['a measuring tool is chosen', (viewer) => viewer.setTool('length')],
    ['another image is asked for', (viewer) => viewer.goTo(5)],
    ['a key goes on', (viewer) => viewer.scroll(1)],
    ['the wheel is turned over it', (viewer) => viewer.turn('a')],
    ['another series is hung', (viewer) => void viewer.hang('a', '1.2')],
  ])('stands still when %s', async (_when, act) => {
    const viewer = await playing();

    act(viewer);
    vi.advanceTimersByTime(1000);

    expect([viewer.getState().cine, stage.shown]).toEqual([null, []]);
    expect(stage.stoodStill).toBeGreaterThan(0);
  });

  it('stands still at a press of the measuring tool that was chosen before, and plays on at any other', async () => {
    const viewer = await opened();
    viewer.setTool('length');
    const play = viewer.toggleCine();
    stage.isLoaded.shift()?.();
    await play;

    viewer.press('a');

    expect(viewer.getState().cine).toBeNull();
    const other = await playing();
    other.press('a');
    expect(other.getState().cine).not.toBeNull();
  });
});
