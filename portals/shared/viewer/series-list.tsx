import { useState } from 'react';
import type { ViewerController } from './controller';
import type { SeriesListing, StudyListing } from './study-listing';
import { thumbnailUrl } from './thumbnail-url';
import { useViewer } from './use-viewer';
import classes from './viewer.module.css';

/** All series of the case, current study first; a click hangs one in the active viewport. */
export function SeriesList({ viewer }: { viewer: ViewerController }) {
  const studies = useViewer(viewer, (state) => state.studies);
  return (
    <nav className={classes.series} aria-label="Series" tabIndex={0}>
      {studies.map((study) => (
        <section key={study.studyInstanceUid} aria-label={study.label} style={{ display: 'contents' }}>
          <h2 className={classes.studyLabel}>{study.prior ? `Prior · ${study.date}` : `Current · ${study.series.length} series`}</h2>
          {study.series.map((series) => (
            <Thumbnail key={series.seriesInstanceUid} viewer={viewer} study={study} series={series} />
          ))}
          {study.documents.map((document) => (
            <Document key={document.seriesInstanceUid} document={document} />
          ))}
        </section>
      ))}
    </nav>
  );
}

function Thumbnail({ viewer, study, series }: { viewer: ViewerController; study: StudyListing; series: SeriesListing }) {
  const [isMissing, setMissing] = useState(false);
  const isShown = useViewer(viewer, (state) =>
    viewer.layout.cells.some(({ id }) => state.hung[id]?.startsWith(series.seriesInstanceUid) ?? false),
  );
  const address = { studyInstanceUid: study.studyInstanceUid, seriesInstanceUid: series.seriesInstanceUid };
  const description = series.description || series.modality;
  return (
    <button type="button" className={classes.thumbnail} data-shown={isShown || undefined} aria-pressed={isShown} onClick={() => void viewer.hangSeries(study, series)}>
      {!isMissing && <img src={thumbnailUrl(address)} alt="" loading="lazy" onError={() => setMissing(true)} />}
      <span className={classes.caption}>
        <span title={description}>{description}</span>
        <span>
          {series.modality}
          {series.seriesNumber === null ? '' : ` · ${series.seriesNumber}`} · {series.count} {series.count === 1 ? 'image' : 'images'}
        </span>
      </span>
    </button>
  );
}

/** A series without images, such as a report of measurements: told, not drawn. */
function Document({ document }: { document: SeriesListing }) {
  const description = document.description || document.modality;
  return (
    <div role="group" aria-label={description} className={classes.document}>
      <span className={classes.caption}>
        <span title={description}>{description}</span>
        <span>
          {document.modality} · {document.count} {document.count === 1 ? 'document' : 'documents'}
        </span>
        {document.standing && <span>{document.standing}</span>}
      </span>
    </div>
  );
}
