import type { Study } from '@shared/api/types';
import { thumbnailUrl } from '@shared/viewer/thumbnail-url';
import { IconPhotoOff } from '@tabler/icons-react';
import { useState } from 'react';
import classes from './sorting.module.css';

/** What is seen of a study: its first series that has images; a report or a presentation state may stand before it. */
export function StudyPicture({ study, alt }: { study: Pick<Study, 'studyInstanceUid' | 'series'>; alt: string }) {
  const [missing, setMissing] = useState('');
  const series = study.series.find(({ rows }) => rows !== null);
  if (!series) return <NoPicture />;
  // While images arrive there is none at first: it is looked for again when more of the series is filed.
  const filed = `${series.seriesInstanceUid}/${series.documentsRevision}`;
  if (missing === filed) return <NoPicture />;
  return <img key={filed} className={classes.thumb} alt={alt} loading="lazy" src={thumbnailUrl({ studyInstanceUid: study.studyInstanceUid, seriesInstanceUid: series.seriesInstanceUid })} onError={() => setMissing(filed)} />;
}

function NoPicture() {
  return (
    <div className={`${classes.noPicture} ${classes.thumb}`}>
      <IconPhotoOff size={16} aria-hidden />
      No picture
    </div>
  );
}
