/** Notes on a prior while they are written: kept in this browser with each keystroke, until they are saved or given up. */
import { DraftTab } from '@shared/drafts/draft-tab';
import type { LocalDraft } from '@shared/drafts/merge';
import { keepBoth } from '@shared/drafts/merge';
import { noted } from '@shared/feedback/toasts';
import { usePortal } from '@shared/shell/portal-context';
import { useEffect, useEffectEvent, useLayoutEffect, useRef, useState } from 'react';
import { useAskBeforeLeaving } from './use-ask-before-leaving';

const KEEP_AFTER_MS = 250;

type Content = Readonly<{ notes: string }>;

export interface Writing {
  text: string;
  /** The notes that the writer has read, and their version. */
  base: string;
  version: number;
}

const isTyped = (writing: Writing | null): writing is Writing => writing !== null && writing.text.trim() !== writing.base;

interface NotesDraft {
  writing: Writing | null;
  write: (writing: Writing | null) => void;
  /** Where what was typed is, in words; empty where nothing was. */
  whereabouts: string;
}

/**
 * @param subject What the notes are on; null where nobody writes any.
 * @param saved The notes on the server.
 */
export function useNotesDraft(subject: string | null, saved: string): NotesDraft {
  const { me } = usePortal();
  const [writing, write] = useState<Writing | null>(null);
  const [kept, setKept] = useState<Writing | null>(null);
  const [isGathered, setGathered] = useState(false);
  const tab = useRef<DraftTab<Content> | null>(null);
  const soon = useRef<ReturnType<typeof setTimeout>>(undefined);
  const latest = useRef(writing);
  useLayoutEffect(() => {
    latest.current = writing;
  }, [writing]);

  const takeOver = useEffectEvent(({ content, base, baseVersion }: LocalDraft<Content>) => {
    // The answer to a save was lost: the server has them.
    if (content.notes.trim() === saved) return;
    write((here) => (here ? { ...here, text: keepBoth(here.text, content.notes) } : { text: content.notes, base: base.notes, version: baseVersion }));
    noted('They stand under Priors, and are not on the server yet.', 'Your unsaved notes are back');
  });

  const keep = useEffectEvent(async () => {
    const now = latest.current;
    if (!tab.current) return;
    if (!isTyped(now)) return tab.current.clear();
    await tab.current.write({ content: { notes: now.text }, base: { notes: now.base }, baseVersion: now.version, savedAt: Date.now() });
    setKept(now);
  });

  useEffect(() => {
    if (!subject) return;
    const own = new DraftTab<Content>({ userId: me.id, subject, takes: 'all', onLeft: takeOver });
    tab.current = own;
    // A browser that keeps nothing (a private window) still writes notes; it only cannot restore them.
    const gathered = () => setGathered(true);
    own.open().then(gathered, gathered);
    return () => {
      clearTimeout(soon.current);
      soon.current = undefined;
      const kept = keep().catch(() => undefined);
      void kept.then(() => own.close());
    };
  }, [subject, me.id]);

  useEffect(() => {
    if (!isGathered) return;
    soon.current ??= setTimeout(() => {
      soon.current = undefined;
      void keep().catch(() => undefined);
    }, KEEP_AFTER_MS);
  }, [writing, isGathered]);

  useAskBeforeLeaving(isTyped(writing));

  const whereabouts = kept === writing ? 'Kept in this browser, not on the server yet' : 'Not on the server yet';
  return { writing, write, whereabouts: isTyped(writing) ? whereabouts : '' };
}
