/** Addresses of files to take along. The gateway names them by numbers, never by the patient. */

/** All of a study as a zip with a DICOMDIR, as a CD has it. */
export function archiveUrl(studyInstanceUid: string): string {
  return `/dicom-web/studies/${studyInstanceUid}/archive`;
}
