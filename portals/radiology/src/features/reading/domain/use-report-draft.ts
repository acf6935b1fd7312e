/**
 * The report while it is written. Every keystroke is kept in this browser at once; the server gets it when
 * the writer says so, since a half sentence must never reach a referring doctor as a preliminary report.
 */
import { reportOfOrderQuery, saveReport } from '@shared/api/reports';
import type { Report } from '@shared/api/types';
import { readDraft, removeDraft, writeDraft } from '@shared/drafts/draft-store';
import type { LocalDraft, Merge, SectionConflict } from '@shared/drafts/merge';
import { mergeDraft, onwardsFrom, stillOpen } from '@shared/drafts/merge';
import { refused } from '@shared/feedback/toasts';
import { ProblemError } from '@shared/http/problem';
import type { ReportContent } from '@shared/report/content';
import { contentOf, EMPTY_REPORT } from '@shared/report/content';
import { usePortal } from '@shared/shell/portal-context';
import type { ImageCount } from '@shared/viewer/study-listing';
import { imagesChanged } from '@shared/viewer/study-listing';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react';
import type { Claim } from './use-claim';

const KEEP_AFTER_MS = 250;

interface Held {
  content: ReportContent;
  base: ReportContent;
  baseVersion: number;
  conflicts: Array<SectionConflict<ReportContent>>;
  seenImages: ImageCount;
  keptAt: number | null;
  wasRecovered: boolean;
}

export interface ReportDraft {
  report: Report | null;
  error: unknown;
  isReady: boolean;
  content: ReportContent;
  version: number;
  isDirty: boolean;
  isSaving: boolean;
  keptAt: number | null;
  wasRecovered: boolean;
  conflicts: Array<SectionConflict<ReportContent>>;
  /** What happened to the images since the writer last looked, in words. */
  changedImages: string;
  seeImages: () => void;
  change: (change: Partial<ReportContent>) => void;
  resolve: (section: keyof ReportContent, value?: unknown) => void;
  /** Save as preliminary. Resolves to whether the server has it. */
  save: (options?: { raiseCriticalNow?: boolean }) => Promise<boolean>;
  /** Take a report that the server has just answered with. */
  accept: (report: Report, sent: ReportContent) => void;
  discard: () => void;
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

export function useReportDraft(orderId: string, claim: Claim, images: ImageCount): ReportDraft {
  const queries = useQueryClient();
  const { me } = usePortal();
  const query = useQuery(reportOfOrderQuery(orderId));
  const report = query.data ?? null;
  const [held, setHeld] = useState<Held | null>(null);
  const [isSaving, setSaving] = useState(false);
  const latest = useRef<Held | null>(null);
  /** What is on its way to the server: the live stream may bring it back before the answer does. */
  const sent = useRef<ReportContent | null>(null);
  useLayoutEffect(() => {
    latest.current = held;
  }, [held]);

  const server = query.data === undefined ? null : { content: report ? contentOf(report) : EMPTY_REPORT, version: report?.version ?? 0 };
  const serverVersion = server?.version;

  // What was kept or is being typed meets the server's content, which belongs to its version.
  const meet = useEffectEvent((local: LocalDraft<ReportContent> | null, fromDisk: boolean) => {
    if (!server) return;
    const merge = mergeDraft(local && onwardsFrom(sent.current, local, server), server);
    setHeld((before) => toHeld(merge, server.content, before, fromDisk ? local : null, images));
  });

  // The first answer meets what this browser kept; each later one meets what is being typed.
  useEffect(() => {
    if (serverVersion === undefined) return;
    let isCurrent = true;
    const bring = (local: LocalDraft<ReportContent> | null, fromDisk: boolean) => {
      if (isCurrent) meet(local, fromDisk);
    };
    const typed = latest.current;
    if (typed) bring({ content: typed.content, base: typed.base, baseVersion: typed.baseVersion, savedAt: 0 }, false);
    else readDraft<ReportContent>(me.id, orderId).then((local) => bring(local, true), () => bring(null, false));
    return () => {
      isCurrent = false;
    };
  }, [serverVersion, orderId, me.id]);

  const isDirty = held !== null && !same(held.content, held.base);
  claim.keep(isDirty);

  const keep = useEffectEvent(async () => {
    if (!held) return;
    if (isDirty || held.conflicts.length > 0) {
      await writeDraft(me.id, orderId, { content: held.content, base: held.base, baseVersion: held.baseVersion, savedAt: Date.now(), conflicts: held.conflicts, seenImages: held.seenImages });
      setHeld((now) => now && { ...now, keptAt: Date.now() });
    } else await removeDraft(me.id, orderId);
  });

  // Only another text is written: writing sets keptAt, which must not cause another write.
  const typed = held?.content;
  const base = held?.base;
  const open = held?.conflicts;
  const seen = held?.seenImages;
  useEffect(() => {
    if (!typed) return;
    const timer = setTimeout(() => void keep().catch(() => setHeld((now) => now && { ...now, keptAt: null })), KEEP_AFTER_MS);
    return () => clearTimeout(timer);
  }, [typed, base, open, seen, isDirty, me.id, orderId]);

  // Closing the window would lose nothing, but the reader may think that it was saved on the server.
  useEffect(() => {
    if (!isDirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [isDirty]);

  const change = useCallback((part: Partial<ReportContent>) => setHeld((now) => now && { ...now, content: { ...now.content, ...part } }), []);

  const resolve = useCallback((section: keyof ReportContent, value?: unknown) => {
    setHeld(
      (now) =>
        now && {
          ...now,
          content: value === undefined ? now.content : { ...now.content, [section]: value },
          conflicts: now.conflicts.filter((conflict) => conflict.section !== section),
        },
    );
  }, []);

  const accept = useCallback(
    (answer: Report, written: ReportContent) => {
      // The live stream may have been faster: its version of the report, as the one with the document, stays.
      setHeld((now) => now && { ...now, ...(now.baseVersion < answer.version ? { base: written, baseVersion: answer.version } : {}), wasRecovered: false });
      queries.setQueryData(reportOfOrderQuery(orderId).queryKey, (known) => (known && known.version > answer.version ? known : answer));
    },
    [queries, orderId],
  );

  const save = async ({ raiseCriticalNow = false }: { raiseCriticalNow?: boolean } = {}): Promise<boolean> => {
    const now = latest.current;
    if (!now || isSaving) return false;
    setSaving(true);
    sent.current = now.content;
    try {
      const answer = await saveReport(orderId, { ...toBody(now.content), status: 'PRELIMINARY', expectedVersion: now.baseVersion, raiseCriticalNow });
      accept(answer, now.content);
      return true;
    } catch (error) {
      if (error instanceof ProblemError && error.status === 409) await query.refetch();
      refused(error, 'Not saved on the server');
      return false;
    } finally {
      sent.current = null;
      setSaving(false);
    }
  };

  const seeImages = () => setHeld((now) => now && { ...now, seenImages: images });

  const discard = () => setHeld((now) => now && { ...now, content: now.base, conflicts: [], wasRecovered: false });

  return {
    report,
    error: query.error,
    isReady: held !== null,
    content: held?.content ?? EMPTY_REPORT,
    version: held?.baseVersion ?? 0,
    isDirty,
    isSaving,
    keptAt: held?.keptAt ?? null,
    wasRecovered: held?.wasRecovered ?? false,
    conflicts: held?.conflicts ?? [],
    changedImages: held ? imagesChanged(held.seenImages, images) : '',
    seeImages,
    change,
    resolve,
    save,
    accept,
    discard,
  };
}

function toHeld(merge: Merge<ReportContent>, base: ReportContent, before: Held | null, kept: LocalDraft<ReportContent> | null, images: ImageCount): Held {
  return {
    content: merge.content,
    base,
    baseVersion: merge.baseVersion,
    conflicts: stillOpen(before?.conflicts ?? kept?.conflicts ?? [], merge.kind === 'conflict' ? merge.conflicts : []),
    seenImages: before?.seenImages ?? kept?.seenImages ?? images,
    keptAt: before?.keptAt ?? null,
    wasRecovered: kept ? merge.isDirty : (before?.wasRecovered ?? false),
  };
}

/** Only the sections of the contract travel. */
export function toBody(content: ReportContent) {
  const { technique, comparison, findings, impression, templateId, checklist, hasCriticalFindings, criticalFindingCode, criticalCategory, criticalFindingsText } = content;
  return { technique, comparison, findings, impression, templateId, checklist, hasCriticalFindings, criticalFindingCode, criticalCategory, criticalFindingsText };
}
