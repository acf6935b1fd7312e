import { queryOptions } from '@tanstack/react-query';
import { ask, askForMaybe, tell } from './ask';
import { amendReport, getOrderReport, getReport, listCriticalFindings, listTemplates, openedReport, openedReports, searchReports, writeReport } from './generated/sdk.gen';
import type * as gen from './generated/types.gen';
import type { Order, Report } from './types';

export const reportOfOrderQuery = (orderId: string) =>
  queryOptions({ queryKey: ['reports', 'of-order', orderId], queryFn: () => askForMaybe(getOrderReport({ path: { id: orderId } })) });

export const reportQuery = (id: string) => queryOptions({ queryKey: ['reports', 'one', id], queryFn: () => ask(getReport({ path: { id } })) });

/** Searched by body: what is looked for may name a patient. */
export const reportSearchQuery = (body: gen.ReportSearch) =>
  queryOptions({ queryKey: ['reports', 'list', body], queryFn: () => ask(searchReports({ body })) });

/** Reports that I signed since a day, and whose images changed after that. Held with the studies: news of one may add to it. */
export const changedAfterSigningQuery = (signedFrom: string) =>
  queryOptions({
    queryKey: ['studies', 'list', 'changed-after-signing', signedFrom],
    queryFn: () => ask(searchReports({ body: { mine: true, imagesChanged: true, signedFrom, pageSize: 50 } })),
  });

export const templatesQuery = ({ modality, bodyPart, studyType }: Pick<Order, 'modality' | 'bodyPart' | 'studyType'>) =>
  queryOptions({ queryKey: ['templates', modality, bodyPart, studyType], queryFn: () => ask(listTemplates({ query: { modality, bodyPart, studyType } })), staleTime: 10 * 60_000 });

export const criticalFindingsQuery = queryOptions({ queryKey: ['critical-findings'], queryFn: () => ask(listCriticalFindings()), staleTime: 10 * 60_000 });

export const saveReport = (orderId: string, body: gen.WriteReport, idempotencyKey: string = crypto.randomUUID()) =>
  tell(writeReport({ path: { id: orderId }, body, headers: { 'Idempotency-Key': idempotencyKey } }));
export const amend = (reportId: string, body: gen.AmendReport) => tell(amendReport({ path: { id: reportId }, body }));
export const sayOpened = ({ id, version }: Pick<Report, 'id' | 'version'>) => tell(openedReport({ path: { id }, body: { version } }));
export const sayAllOpened = (reports: ReadonlyArray<Pick<Report, 'id' | 'version'>>) => tell(openedReports({ body: { items: reports.map(({ id, version }) => ({ reportId: id, version })) } }));
