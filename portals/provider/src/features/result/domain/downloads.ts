/** Addresses of files to take along. The gateway names them by numbers, never by the patient. */

/** All of a study as a zip with a DICOMDIR, as a CD has it. */
export function archiveUrl(studyInstanceUid: string): string {
  return `/dicom-web/studies/${studyInstanceUid}/archive`;
}

/** The DICOM file of one image. */
export function instanceUrl({ studyInstanceUid, seriesInstanceUid, sopInstanceUid }: { studyInstanceUid: string; seriesInstanceUid: string; sopInstanceUid: string }): string {
  return `/dicom-web/studies/${studyInstanceUid}/series/${seriesInstanceUid}/instances/${sopInstanceUid}`;
}
