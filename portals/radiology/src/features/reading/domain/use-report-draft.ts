/**
 * The report while it is written. Every keystroke is kept in this browser at once; the server gets it when
 * the writer says so, since a half sentence must never reach a referring doctor as a preliminary report.
 */
import { reportOfOrderQuery, saveReport } from '@shared/api/reports';
import type { Report, Study } from '@shared/api/types';
import { DraftTab } from '@shared/drafts/draft-tab';
import type { LocalDraft, Merge, SectionConflict } from '@shared/drafts/merge';
import { joinTexts, mergeDraft, onwardsFrom, stillOpen } from '@shared/drafts/merge';
import { noted, refused, told } from '@shared/feedback/toasts';
import { later } from '@shared/http/later';
import { mayPass, OfflineError, ProblemError } from '@shared/http/problem';
import type { ReportContent } from '@shared/report/content';
import { contentOf, EMPTY_REPORT } from '@shared/report/content';
import { usePortal } from '@shared/shell/portal-context';
import type { ImageCount } from '@shared/viewer/study-listing';
import { changedAfter, imagesChanged, imagesOf } from '@shared/viewer/study-listing';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react';
import { useAskBeforeLeaving } from './use-ask-before-leaving';
import type { Claim } from './use-claim';

const KEEP_AFTER_MS = 250;

interface Held {
  content: ReportContent;
  base: ReportContent;
  baseVersion: number;
  conflicts: Array<SectionConflict<ReportContent>>;
  seenImages: ImageCount;
  /** Images changed since this draft was saved, and before it was opened here. */
  hasMissedImages: boolean;
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
  /** A save could not reach the server, and is repeated until it does. */
  isWaiting: boolean;
  keptAt: number | null;
  wasRecovered: boolean;
  /** How many other tabs of this browser hold text for this report that is not on the server. */
  otherTabs: number;
  conflicts: Array<SectionConflict<ReportContent>>;
  /** What happened to the images since the writer last looked, in words. */
  changedImages: string;
  seeImages: () => void;
  change: (change: Partial<ReportContent>) => void;
  /** Decide on words that gave way, by what becomes of the section's present value. */
  resolve: (section: keyof ReportContent, decide?: (present: unknown) => unknown) => void;
  /** Save as preliminary, after a save that is under way; what may pass is waited for. Resolves to whether the server has it. */
  save: (options?: { raiseCriticalNow?: boolean }) => Promise<boolean>;
  /** Take a report that the server has just answered with. */
  accept: (report: Report, sent: ReportContent) => void;
  /** Go back to what is on the server; the message that says so can undo it. */
  discard: () => void;
}

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

export function useReportDraft(orderId: string, claim: Claim, studies: readonly Study[]): ReportDraft {
  const queries = useQueryClient();
  const { me } = usePortal();
  const query = useQuery(reportOfOrderQuery(orderId));
  const report = query.data ?? null;
  const [held, setHeld] = useState<Held | null>(null);
  const [isSaving, setSaving] = useState(false);
  const [isWaiting, setWaiting] = useState(false);
  const running = useRef<Promise<boolean> | null>(null);
  const isLeft = useRef(false);
  const [isGathered, setGathered] = useState(false);
  const [otherTabs, setOtherTabs] = useState(0);
  const tab = useRef<DraftTab<ReportContent> | null>(null);
  const soon = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef<Held | null>(null);
  /** What is on its way to the server: the live stream may bring it back before the answer does. */
  const sent = useRef<ReportContent | null>(null);
  useLayoutEffect(() => {
    latest.current = held;
  }, [held]);

  const server = query.data === undefined ? null : { content: report ? contentOf(report) : EMPTY_REPORT, version: report?.version ?? 0 };
  const serverVersion = server?.version;
  const images = imagesOf({ studies });

  // What is being typed meets the server's content, which belongs to its version.
  const meet = useEffectEvent(() => {
    if (!server) return;
    const typed = latest.current;
    const merge = mergeDraft(typed && onwardsFrom(sent.current, { ...typed, savedAt: 0 }, server), server);
    const savedAt = report?.status === 'PRELIMINARY' ? report.versions.at(-1)?.createdAt : undefined;
    const unseen = { images, hasMissedImages: savedAt !== undefined && changedAfter(studies, savedAt) };
    setHeld((before) => toHeld(merge, server.content, before, unseen));
  });
  useEffect(() => {
    if (serverVersion !== undefined) meet();
  }, [serverVersion]);

  const takeOver = useEffectEvent((left: LocalDraft<ReportContent>) => {
    if (!server) return;
    const merge = mergeDraft(left, server);
    setHeld((here) => here && withLeft(here, left, merge));
  });

  const isDirty = held !== null && !same(held.content, held.base);
  claim.keep(isDirty);

  const keep = useEffectEvent(async () => {
    if (!held || !tab.current) return;
    if (isDirty || held.conflicts.length > 0) {
      const { content, base, baseVersion, conflicts, seenImages } = held;
      await tab.current.write({ content, base, baseVersion, savedAt: Date.now(), conflicts, seenImages });
      setHeld((now) => now && { ...now, keptAt: Date.now() });
    } else await tab.current.clear();
  });

  // What was kept comes in as soon as there is a report for it to come into.
  const isBegun = held !== null;
  useEffect(() => {
    if (!isBegun) return;
    const own = new DraftTab<ReportContent>({ userId: me.id, subject: orderId, takes: 'all', onLeft: takeOver, onOthers: setOtherTabs });
    tab.current = own;
    // A browser that keeps nothing (a private window) still reports; it only cannot restore.
    own.open().then(
      () => setGathered(true),
      () => setGathered(true),
    );
    return () => {
      clearTimeout(soon.current);
      soon.current = undefined;
      const kept = keep().catch(() => undefined);
      void kept.then(() => own.close());
    };
  }, [isBegun, orderId, me.id]);

  // Only another text is written: writing sets keptAt, which must not cause another write.
  const typed = held?.content;
  const base = held?.base;
  const open = held?.conflicts;
  const seen = held?.seenImages;
  useEffect(() => {
    if (!typed || !isGathered) return;
    // Who types on without a pause does not put it off.
    soon.current ??= setTimeout(() => {
      soon.current = undefined;
      void keep().catch(() => setHeld((now) => now && { ...now, keptAt: null }));
    }, KEEP_AFTER_MS);
  }, [typed, base, open, seen, isDirty, isGathered]);

  useEffect(() => {
    isLeft.current = false;
    return () => {
      isLeft.current = true;
    };
  }, []);

  useAskBeforeLeaving(isDirty);

  const change = useCallback((part: Partial<ReportContent>) => setHeld((now) => now && { ...now, content: { ...now.content, ...part } }), []);

  const resolve = useCallback((section: keyof ReportContent, decide: (present: unknown) => unknown = (present) => present) => {
    setHeld(
      (now) =>
        now && {
          ...now,
          content: { ...now.content, [section]: decide(now.content[section]) },
          conflicts: now.conflicts.filter((conflict) => conflict.section !== section),
        },
    );
  }, []);

  const accept = useCallback(
    (answer: Report, written: ReportContent) => {
      // The live stream may have been faster: its version of the report, as the one with the document, stays.
      const taken = (now: Held | null) => now && { ...now, ...(now.baseVersion < answer.version ? { base: written, baseVersion: answer.version } : {}), wasRecovered: false };
      // At once, too: a save that waits for this one goes on from what the server has now.
      latest.current = taken(latest.current);
      setHeld(taken);
      queries.setQueryData(reportOfOrderQuery(orderId).queryKey, (known) => (known && known.version > answer.version ? known : answer));
    },
    [queries, orderId],
  );

  /** Repeat a request under one key, so that it is done once, until the server has answered or the case is left. */
  const insist = async <Answer>(request: (key: string) => Promise<Answer>): Promise<Answer> => {
    const key = crypto.randomUUID();
    for (let attempt = 0; ; attempt += 1) {
      try {
        return await request(key);
      } catch (error) {
        if (!mayPass(error) || isLeft.current) throw error;
        if (attempt === 0) sayWaiting(error);
        setWaiting(true);
        await later(attempt);
      }
    }
  };

  const write = async (raiseCriticalNow: boolean): Promise<boolean> => {
    const now = latest.current;
    if (!now) return false;
    setSaving(true);
    sent.current = now.content;
    try {
      const body = { ...toBody(now.content), status: 'PRELIMINARY' as const, expectedVersion: now.baseVersion, raiseCriticalNow };
      accept(await insist((key) => saveReport(orderId, body, key)), now.content);
      return true;
    } catch (error) {
      if (error instanceof ProblemError && error.status === 409) await query.refetch();
      if (!isLeft.current) refused(error, 'Not saved on the server');
      return false;
    } finally {
      sent.current = null;
      setWaiting(false);
      setSaving(false);
    }
  };

  /** One after the other: what is asked for meanwhile takes what was typed since. */
  const save = ({ raiseCriticalNow = false }: { raiseCriticalNow?: boolean } = {}): Promise<boolean> => {
    const isThere = () => !raiseCriticalNow && latest.current !== null && same(latest.current.content, latest.current.base);
    const saved = running.current?.then((isSaved) => isSaved && (isThere() || write(raiseCriticalNow))) ?? write(raiseCriticalNow);
    running.current = saved;
    return saved.finally(() => {
      if (running.current === saved) running.current = null;
    });
  };

  const seeImages = () => setHeld((now) => now && { ...now, seenImages: images, hasMissedImages: false });

  /** One click drops all that is not on the server, so another brings it back: beside what was typed since, or in this browser once the case is left. */
  const discard = () => {
    if (!held) return;
    const { content, base, baseVersion, conflicts, seenImages } = held;
    const dropped: LocalDraft<ReportContent> = { content, base, baseVersion, savedAt: Date.now(), conflicts, seenImages };
    const bringBack = (here: Held) => withLeft(here, dropped, mergeDraft(dropped, { content: here.base, version: here.baseVersion }));
    const undo = () => {
      if (isLeft.current) leave(me.id, orderId, dropped);
      else setHeld((here) => here && bringBack(here));
    };
    setHeld({ ...held, content: base, conflicts: [], wasRecovered: false });
    told('Discarded', { label: 'Undo', act: undo });
  };

  return {
    report,
    error: query.error,
    isReady: held !== null && isGathered,
    content: held?.content ?? EMPTY_REPORT,
    version: held?.baseVersion ?? 0,
    isDirty,
    isSaving,
    isWaiting,
    keptAt: held?.keptAt ?? null,
    wasRecovered: held?.wasRecovered ?? false,
    otherTabs,
    conflicts: held?.conflicts ?? [],
    changedImages: held ? imagesChanged(held.seenImages, images) || (held.hasMissedImages ? 'Images changed' : '') : '',
    seeImages,
    change,
    resolve,
    save,
    accept,
    discard,
  };
}

function sayWaiting(error: unknown): void {
  const why = error instanceof OfflineError ? 'The hospital network cannot be reached.' : 'The system cannot take it just now.';
  noted(`${why} The text is kept in this browser; as long as this case is open, it is saved by itself as soon as that has passed.`, 'Not saved on the server yet');
}

/** Put text where the case finds it when it is opened again, as what a closed tab has left. */
function leave(userId: string, orderId: string, draft: LocalDraft<ReportContent>): void {
  const tab = new DraftTab<ReportContent>({ userId, subject: orderId, takes: 'all', onLeft: () => undefined });
  tab
    .write(draft)
    .catch((error: unknown) => refused(error, 'Not brought back'))
    .finally(() => tab.close());
}

function toHeld(merge: Merge<ReportContent>, base: ReportContent, before: Held | null, { images, hasMissedImages }: { images: ImageCount; hasMissedImages: boolean }): Held {
  return {
    content: merge.content,
    base,
    baseVersion: merge.baseVersion,
    conflicts: stillOpen(before?.conflicts ?? [], conflictsOf(merge)),
    seenImages: before?.seenImages ?? images,
    hasMissedImages: before?.hasMissedImages ?? hasMissedImages,
    keptAt: before?.keptAt ?? null,
    wasRecovered: before?.wasRecovered ?? false,
  };
}

/** What a tab has left behind, when it has met the server's content, comes to what is typed here. */
function withLeft(here: Held, left: LocalDraft<ReportContent>, merge: Merge<ReportContent>): Held {
  const joined = joinTexts(here, merge.content);
  const isAll = same(here.content, here.base);
  const waiting = [left.conflicts ?? [], conflictsOf(merge), joined.conflicts];
  return {
    ...here,
    content: joined.content,
    conflicts: waiting.reduce((open, more) => stillOpen(open, more), here.conflicts),
    seenImages: left.seenImages ?? here.seenImages,
    // The count that was left says it more exactly.
    hasMissedImages: left.seenImages ? false : here.hasMissedImages,
    wasRecovered: here.wasRecovered || (isAll && merge.isDirty),
  };
}

const conflictsOf = (merge: Merge<ReportContent>): Array<SectionConflict<ReportContent>> => (merge.kind === 'conflict' ? merge.conflicts : []);

/** Only the sections of the contract travel. */
export function toBody(content: ReportContent) {
  const { technique, comparison, findings, impression, templateId, checklist, hasCriticalFindings, criticalFindingCode, criticalCategory, criticalFindingsText } = content;
  return { technique, comparison, findings, impression, templateId, checklist, hasCriticalFindings, criticalFindingCode, criticalCategory, criticalFindingsText };
}
