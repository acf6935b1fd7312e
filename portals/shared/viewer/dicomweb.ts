/** Fetches what the viewer needs of a series, once per page, and makes it known to the loader. */
import { orProblem, portalFetch } from '@shared/http/http';
import { registerInstance } from './cornerstone';
import type { DicomJson } from './dicom-json';
import { firstNumber, firstText } from './dicom-json';
import type { DisplaySet, SeriesAddress } from './display-sets';
import { imageIdOf, seriesPath, toDisplaySets, withHonestSpacing } from './display-sets';

const loaded = new Map<string, Promise<DisplaySet[]>>();

/** The display sets of a series; `revision` grows when images were added, and asks again. */
export function loadSeries(series: SeriesAddress, revision: number): Promise<DisplaySet[]> {
  const key = `${series.seriesInstanceUid}@${revision}`;
  const known = loaded.get(key);
  if (known) return known;
  const loading = fetchSeries(series);
  loaded.set(key, loading);
  loading.catch(() => loaded.delete(key));
  return loading;
}

async function fetchSeries(series: SeriesAddress): Promise<DisplaySet[]> {
  const headers = { Accept: 'application/dicom+json' };
  const response = await orProblem(await portalFetch(`${seriesPath(series)}/metadata`, { headers }));
  const instances = ((await response.json()) as DicomJson[]).map(withHonestSpacing);
  instances
    .filter((instance) => firstNumber(instance, '00280010'))
    .forEach((instance) => registerInstance(imageIdOf(location.origin, series, firstText(instance, '00080018'), 1), instance));
  return toDisplaySets(location.origin, series, instances);
}
