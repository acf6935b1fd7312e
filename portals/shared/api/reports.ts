import { queryOptions } from '@tanstack/react-query';
import { ask, askForMaybe } from './ask';
import { amendReport, getOrderReport, getReport, listCriticalFindings, listTemplates, searchReports, writeReport } from './generated/sdk.gen';
import type * as gen from './generated/types.gen';

export const reportOfOrderQuery = (orderId: string) =>
  queryOptions({ queryKey: ['reports', 'of-order', orderId], queryFn: () => askForMaybe(getOrderReport({ path: { id: orderId } })) });

export const reportQuery = (id: string) => queryOptions({ queryKey: ['reports', 'one', id], queryFn: () => ask(getReport({ path: { id } })) });

/** Searched by body: what is looked for may name a patient. */
export const reportSearchQuery = (body: gen.ReportSearch) =>
  queryOptions({ queryKey: ['reports', 'list', body], queryFn: () => ask(searchReports({ body })) });

export const templatesQuery = (orderId: string) =>
  queryOptions({ queryKey: ['templates', orderId], queryFn: () => ask(listTemplates({ query: { orderId } as never })), staleTime: 10 * 60_000 });

export const criticalFindingsQuery = queryOptions({ queryKey: ['critical-findings'], queryFn: () => ask(listCriticalFindings()), staleTime: 10 * 60_000 });

export const saveReport = (orderId: string, body: gen.WriteReport) => ask(writeReport({ path: { id: orderId }, body }));
export const amend = (reportId: string, body: gen.AmendReport) => ask(amendReport({ path: { id: reportId }, body }));
