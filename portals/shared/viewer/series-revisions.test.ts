/** A series that changes while it is read: images come, and answers may overtake each other; the stage that draws is a fake. */
import { expect, it, vi } from 'vitest';
import type { StudyListing } from './study-listing';
import { ViewerController } from './controller';
import { loadSeries } from './dicomweb';
import type { DisplaySet } from './display-sets';
import { seriesOf } from './quiet-stage';

vi.mock('./dicomweb', () => ({ loadSeries: vi.fn() }));
vi.mock('./cornerstone', async () => {
  const { quietCornerstone, QuietStage } = await import('./quiet-stage');
  class TheStage extends QuietStage {
    renewStack() {}
  }
  return quietCornerstone(TheStage);
});

const studyOf = (revision: number): StudyListing => ({
  studyInstanceUid: '1',
  label: '',
  date: '',
  prior: false,
  series: [{ seriesInstanceUid: '1.2', modality: 'CT', seriesNumber: 1, description: '', count: 20, revision }],
  documents: [],
});

/** A viewer whose series are read when the test says so, by their revision. */
function reading() {
  const answers = new Map<number, { resolve: (sets: DisplaySet[]) => void; reject: (error: Error) => void }>();
  vi.mocked(loadSeries).mockImplementation((_series, revision) => new Promise((resolve, reject) => answers.set(revision, { resolve, reject })));
  const viewer = new ViewerController();
  viewer.mount('a', document.createElement('div'));
  const open = async (revision: number) => {
    const opened = viewer.open(studyOf(revision));
    await vi.waitFor(() => expect(answers.has(revision)).toBe(true));
    return { answer: (images: number) => (answers.get(revision)?.resolve([seriesOf('1.2', images)]), opened), fail: () => (answers.get(revision)?.reject(new Error('away')), opened) };
  };
  return { viewer, open, images: () => viewer.setOf('a')?.images.length };
}

it('has the images of its newest revision, whichever answer comes last', async () => {
  const { open, images } = reading();
  const [older, newer] = [await open(1), await open(2)];

  await newer.answer(20);
  await older.answer(10);

  expect(images()).toBe(20);
});

it('has those of an older one while the newer one cannot be read', async () => {
  const { open, images } = reading();
  const [older, newer] = [await open(1), await open(2)];

  await expect(newer.fail()).rejects.toThrow('away');
  await older.answer(10);

  expect(images()).toBe(10);
});

it('shows no image of a series of which all were taken out', async () => {
  const { viewer, open } = reading();
  await (await open(1)).answer(10);

  vi.mocked(loadSeries).mockResolvedValue([]);
  await viewer.open(studyOf(2));

  expect(viewer.setOf('a')).toBeUndefined();
  expect(viewer.getState()).toMatchObject({ sets: [], hung: {}, notice: expect.stringContaining('taken out') as string });
});

it('shows no image of a series that has left the study, but the first of those that stay', async () => {
  const { viewer, open } = reading();
  await (await open(1)).answer(10);
  const others = { ...studyOf(1), series: studyOf(1).series.map((series) => ({ ...series, seriesInstanceUid: '1.3' })) };

  vi.mocked(loadSeries).mockResolvedValue([seriesOf('1.3', 5)]);
  await viewer.open(others);

  expect(viewer.setOf('a')?.id).toBe('1.3');
});

it('shows no image of a study that was given to another exam', async () => {
  const { viewer, open } = reading();
  await (await open(1)).answer(10);

  await viewer.openExam([]);

  expect(viewer.getState()).toMatchObject({ studies: [], sets: [], hung: {}, notice: '' });
});

it('takes no image of a study that leaves while it is read', async () => {
  const { viewer, open } = reading();
  const first = await open(1);

  await viewer.openExam([]);
  await first.answer(10);

  expect(viewer.getState()).toMatchObject({ sets: [], hung: {} });
});
