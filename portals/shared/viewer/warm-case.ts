import type { StudyListing } from './controller';
import { startIndex } from './controller';
import { warm } from './cornerstone';
import { loadSeries } from './dicomweb';

/** Fetch what a case needs to open at once: metadata of its first series, and the image it opens with. */
export async function warmCase(study: StudyListing): Promise<void> {
  const [series] = study.series;
  if (!series) return;
  const [set] = await loadSeries({ studyInstanceUid: study.studyInstanceUid, seriesInstanceUid: series.seriesInstanceUid }, series.revision);
  const image = set?.images[startIndex(set)];
  if (image) await warm(image.imageId);
}
