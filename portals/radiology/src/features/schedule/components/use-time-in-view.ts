import type { RefObject } from 'react';
import { useEffectEvent, useLayoutEffect, useRef } from 'react';
import type { Hours } from '../domain/hours';
import { scrolledTo } from '../domain/hours';
import classes from './schedule.module.css';

/** When another day is opened first, its morning is seen, from about when the rooms open. */
const MORNING = '09:00:00';

/**
 * Scrolls the timeline to now when it opens, and when one comes back to today; from then on it stays where the
 * reader has it. The timeline's own `startScrollTime` knows no second day, and no time past its last slot.
 */
export function useTimeInView(hours: Hours, now: string | null): RefObject<HTMLDivElement | null> {
  const viewport = useRef<HTMLDivElement>(null);
  const hasOpened = useRef(false);
  const show = useEffectEvent(() => {
    if (!viewport.current || (hasOpened.current && now === null)) return;
    hasOpened.current = true;
    const { scrollWidth, clientWidth } = viewport.current;
    const labels = viewport.current.querySelector(`.${classes.corner}`)?.clientWidth ?? 0;
    viewport.current.scrollLeft = scrolledTo({ hours, time: now ?? MORNING, width: scrollWidth - labels, seen: clientWidth - labels });
  });
  const isToday = now !== null;
  useLayoutEffect(() => show(), [isToday]);
  return viewport;
}
