import { QueryClient } from '@tanstack/react-query';
import { beforeEach, expect, it, vi } from 'vitest';
import { viewerDataQuery } from '../api/studies';
import { warmCase } from './case-opening';
import { warm } from './cornerstone';
import { loadSeries } from './dicomweb';
import { seriesOf } from './quiet-stage';

vi.mock('./dicomweb', () => ({ loadSeries: vi.fn() }));
vi.mock('./cornerstone', () => ({ warm: vi.fn() }));

const listed = (seriesInstanceUid: string, modality: string, seriesNumber: number) => ({ seriesInstanceUid, modality, seriesNumber, seriesDescription: '', numberOfInstances: 9, numberOfFrames: 9, documentsRevision: 4 });

beforeEach(() => {
  vi.clearAllMocks();
  vi.mocked(loadSeries).mockResolvedValue([seriesOf('1.2', 9)]);
});

function caseOf(...studies: unknown[]): QueryClient {
  const queries = new QueryClient();
  queries.setQueryData(viewerDataQuery('order').queryKey, { studies } as never);
  return queries;
}

it('the image that a case opens with is fetched: the middle one of the first series that is drawn', async () => {
  const series = [listed('1.3', 'CT', 3), listed('1.1', 'SR', 1), listed('1.2', 'CT', 2)];

  await warmCase(caseOf({ studyInstanceUid: '1', series }), 'order');

  expect(loadSeries).toHaveBeenCalledExactlyOnceWith({ studyInstanceUid: '1', seriesInstanceUid: '1.2' }, 4);
  expect(warm).toHaveBeenCalledExactlyOnceWith('1.2/4');
});

it.each([['no study', []], ['nothing to draw', [{ studyInstanceUid: '1', series: [listed('1.1', 'SR', 1)] }]]])('of a case with %s no image is fetched', async (_, studies) => {
  await warmCase(caseOf(...studies), 'order');

  expect(warm).not.toHaveBeenCalled();
});
