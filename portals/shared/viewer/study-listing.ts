/** What the viewer lists, from the gateway's viewer data. Pure. */
import type { Study } from '../api/types';

export interface SeriesListing {
  seriesInstanceUid: string;
  modality: string;
  seriesNumber: number | null;
  description: string;
  count: number;
  revision: number;
  /** Of reports of measurements: which of them holds. */
  standing?: string;
}

export interface StudyListing {
  studyInstanceUid: string;
  label: string;
  date: string;
  prior: boolean;
  /** What can be hung. */
  series: SeriesListing[];
  /** What belongs to the study but holds no image: it is listed, and never read. */
  documents: SeriesListing[];
}

/** Series that hold no image to draw: reports, presentation states, key object notes. */
const NOT_DRAWN = new Set(['SR', 'PR', 'KO', 'DOC', 'REG', 'RTSTRUCT', 'SEG']);

type SeriesLike = Pick<Study['series'][number], 'seriesInstanceUid' | 'modality' | 'seriesNumber' | 'seriesDescription' | 'numberOfInstances' | 'numberOfFrames' | 'documentsRevision'>;

export function toSeriesListing(series: SeriesLike): SeriesListing {
  return {
    seriesInstanceUid: series.seriesInstanceUid,
    modality: series.modality,
    seriesNumber: series.seriesNumber,
    description: series.seriesDescription,
    count: Math.max(series.numberOfInstances, series.numberOfFrames),
    revision: series.documentsRevision,
  };
}

const bySeriesNumber = (one: SeriesListing, other: SeriesListing) => (one.seriesNumber ?? 9999) - (other.seriesNumber ?? 9999);

type StudyLike = Pick<Study, 'studyInstanceUid' | 'studyDescription' | 'studyDate' | 'measurementReports'> & { series: readonly SeriesLike[] };

/** Which of several reports of measurements holds: an amendment supersedes what was signed before, also with none at all. */
function standing(study: StudyLike, series: SeriesListing): SeriesListing {
  const reports = (study.measurementReports ?? []).filter(({ seriesInstanceUid }) => seriesInstanceUid === series.seriesInstanceUid);
  const current = reports.find(({ superseded }) => !superseded);
  if (!current) return series;
  const version = `report version ${current.reportVersion}`;
  return { ...series, standing: current.numberOfFindings > 0 ? `Current: ${version}` : `Withdrawn with ${version}` };
}

export function toStudyListing(study: StudyLike, prior: boolean): StudyListing {
  const listed = (wanted: (series: SeriesLike) => boolean) => study.series.filter(wanted).map(toSeriesListing).sort(bySeriesNumber);
  return {
    studyInstanceUid: study.studyInstanceUid,
    label: study.studyDescription || 'Study',
    date: study.studyDate ? calendarDate(study.studyDate) : 'no date',
    prior,
    series: listed(({ modality }) => !NOT_DRAWN.has(modality)),
    documents: listed(({ modality }) => NOT_DRAWN.has(modality)).map((series) => standing(study, series)),
  };
}

/** `2025-09-03` as `3 Sep 2025`: a study's date has no zone. */
export function calendarDate(date: string): string {
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];
  const [year = '', month = '', day = ''] = date.split('-');
  return `${Number(day)} ${months[Number(month) - 1] ?? month} ${year}`;
}

/** How many images came for an order, and how many were taken out of its studies again; when either grows, the reader is told. */
export interface ImageCount {
  arrived: number;
  withdrawn: number;
}

export function imagesOf({ studies }: { studies: ReadonlyArray<Pick<Study, 'numberOfInstances' | 'numberWithdrawn'>> }): ImageCount {
  const withdrawn = studies.reduce((sum, study) => sum + (study.numberWithdrawn ?? 0), 0);
  return { arrived: studies.reduce((sum, study) => sum + (study.numberOfInstances ?? 0), withdrawn), withdrawn };
}

/** What happened to the images between two looks, in words; empty when nothing did. */
export function imagesChanged(before: ImageCount, now: ImageCount): string {
  const images = (count: number) => `${count} ${count === 1 ? 'image' : 'images'}`;
  const [arrived, withdrawn] = [now.arrived - before.arrived, now.withdrawn - before.withdrawn];
  return [
    arrived > 0 ? `${images(arrived)} arrived` : '',
    withdrawn > 0 ? `${images(withdrawn)} taken out` : '',
    arrived < 0 ? `${images(-arrived)} moved to another exam` : '',
  ]
    .filter(Boolean)
    .join(', ');
}

/** Whether a study came, or images came or were taken out of a complete one, after a moment, as that of a signature. */
export function changedAfter(studies: ReadonlyArray<Pick<Study, 'revisionOpenedAt'>>, moment: string): boolean {
  return studies.some(({ revisionOpenedAt }) => Date.parse(revisionOpenedAt ?? '') > Date.parse(moment));
}
