import { useCallback, useEffect, useRef, useState } from 'react';

type Find = (root: HTMLElement) => HTMLElement | null | undefined;

/** Leads the writer to a place of the editor once it is drawn: what he has just done may have opened it. */
export function useGoTo() {
  const root = useRef<HTMLDivElement>(null);
  const [goal, setGoal] = useState<{ find: Find } | null>(null);
  useEffect(() => {
    const place = root.current && goal?.find(root.current);
    if (!place) return;
    place.focus({ preventScroll: true });
    // No farther than needed, and at once: nothing glides for those who want no motion.
    (place.closest('[data-section]') ?? place).scrollIntoView({ block: 'nearest' });
  }, [goal]);
  const goTo = useCallback((find: Find) => setGoal({ find }), []);
  return { root, goTo };
}

type Field = HTMLInputElement | HTMLTextAreaElement;

const OPEN_HEADING = /:[ \t]*$/m;

/** A template has headings that somebody has to fill: the caret goes behind the first. */
export function firstToFill(root: HTMLElement): Field | undefined {
  const texts = [...root.querySelectorAll<Field>('[name=technique], [name=findings]')];
  const text = texts.find(({ value }) => value.trim() === '' || OPEN_HEADING.test(value)) ?? texts.at(-1);
  const heading = text && OPEN_HEADING.exec(text.value);
  if (heading) text.setSelectionRange(heading.index + heading[0].length, heading.index + heading[0].length);
  return text;
}

const requiredIn = (part: ParentNode): Field[] => [...part.querySelectorAll<Field>('[required]')];
const isEmpty = ({ value }: Field): boolean => value.trim() === '';

/** The first field that a signature waits for, or else what waits for a decision; a save under way is nowhere. */
export const firstMissing: Find = (root) => requiredIn(root).find(isEmpty) ?? root.querySelector<HTMLElement>('[data-undecided] button');

/** What is still to be said of the critical finding, or its words. */
export function criticalField(root: HTMLElement): Field | undefined {
  const fields = [...root.querySelectorAll('[data-section=critical]')].flatMap(requiredIn);
  return fields.find(isEmpty) ?? fields.at(-1);
}

export const firstWarning: Find = (root) => root.querySelector<HTMLElement>('[data-warnings]:not(:empty)');
