import { queryOptions } from '@tanstack/react-query';
import { ask, tell } from './ask';
import {
  compareQuarantined,
  decideQuarantine,
  getMeasurements,
  getPriorStudies,
  getQuarantinePicture,
  getStudy,
  getViewerData,
  keepStudyWithoutOrder,
  listQuarantine,
  listUnmatched,
  matchStudy,
  notePriorStudy,
  reopenQuarantine,
  saveMeasurements,
  unmatchStudy,
} from './generated/sdk.gen';
import type * as gen from './generated/types.gen';

/** What an order's studies consist of; what each image is, the viewer reads by DICOMweb. */
export const viewerDataQuery = (orderId: string) =>
  queryOptions({ queryKey: ['viewer-data', orderId], queryFn: () => ask(getViewerData({ path: { id: orderId }, query: { instances: false } })), staleTime: 30_000 });

export const priorStudiesQuery = (patientId: string, orderId: string) =>
  queryOptions({ queryKey: ['priors', patientId, orderId], queryFn: () => ask(getPriorStudies({ path: { id: patientId }, query: { orderId } })) });

/** All that is stored of a patient, before there is an order. */
export const patientStudiesQuery = (patientId: string) =>
  queryOptions({ queryKey: ['priors', patientId], queryFn: () => ask(getPriorStudies({ path: { id: patientId } })) });

/** Notes on the pair of an exam's study and a prior one; those of somebody else that were not read are not overwritten. */
export const writePriorNotes = (uid: string, priorUid: string, body: gen.WritePriorNotes) => tell(notePriorStudy({ path: { uid, priorUid }, body }));

export const studyQuery = (studyInstanceUid: string) =>
  queryOptions({ queryKey: ['studies', 'by-uid', studyInstanceUid], queryFn: () => ask(getStudy({ path: { uid: studyInstanceUid } })) });

export const measurementsQuery = (orderId: string) =>
  queryOptions({ queryKey: ['measurements', orderId], queryFn: () => ask(getMeasurements({ path: { id: orderId } })), staleTime: Infinity });

export const writeMeasurements = (orderId: string, body: gen.SaveMeasurementsInput) => tell(saveMeasurements({ path: { id: orderId }, body }));

export const unmatchedQuery = queryOptions({ queryKey: ['studies', 'list', 'unmatched'], queryFn: () => ask(listUnmatched({ query: { pageSize: 200 } })) });
/** What a person has matched or kept, which can be taken back. */
export const sortedQuery = queryOptions({ queryKey: ['studies', 'list', 'sorted'], queryFn: () => ask(listUnmatched({ query: { pageSize: 200, decided: true } })) });
export const quarantineQuery = queryOptions({ queryKey: ['studies', 'list', 'quarantine'], queryFn: () => ask(listQuarantine({ query: { pageSize: 200 } })) });
/** Decisions that can still be taken back. */
export const decidedQuarantineQuery = queryOptions({ queryKey: ['studies', 'list', 'quarantine', 'decided'], queryFn: () => ask(listQuarantine({ query: { pageSize: 200, decided: true } })) });

/** Bytes in quarantine never change: what they say is asked once. */
export const comparisonQuery = (uid: string, id: string) =>
  queryOptions({ queryKey: ['studies', 'quarantined', uid, id], queryFn: () => ask(compareQuarantined({ path: { uid, id } })), staleTime: Infinity });
export const quarantinePictureQuery = (uid: string, id: string, which: 'received' | 'stored') =>
  queryOptions({ queryKey: ['studies', 'quarantined', uid, id, which], queryFn: async () => (await ask(getQuarantinePicture({ path: { uid, id, which }, parseAs: 'blob' }))) as unknown as Blob, staleTime: Infinity });

export const match = (uid: string, body: gen.MatchStudy) => tell(matchStudy({ path: { uid }, body }));
export const unmatch = (uid: string, reason: string) => tell(unmatchStudy({ path: { uid }, body: { reason } }));
export const keepWithoutOrder = (uid: string, reason: string) => tell(keepStudyWithoutOrder({ path: { uid }, body: { reason } }));
export const reopen = (uid: string, id: string, reason: string) => tell(reopenQuarantine({ path: { uid, id }, body: { reason } }));
export const decide = (id: string, body: gen.DecideQuarantine) => tell(decideQuarantine({ path: { id }, body }));
