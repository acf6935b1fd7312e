import type { SeriesAddress } from './display-sets';
import { seriesPath } from './display-sets';

export function thumbnailUrl(series: SeriesAddress): string {
  return `${seriesPath(series)}/thumbnail`;
}
