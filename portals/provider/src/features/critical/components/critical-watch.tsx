/**
 * What no page can hide: a strip on top while a critical finding waits for this person, and a dialog that
 * opens by itself. The dialog can be put aside, the strip cannot; and nobody is interrupted in a word.
 */
import { Button, Text } from '@mantine/core';
import { callOf } from '@shared/alerts/receipt';
import type { Alert } from '@shared/api/types';
import { usePortal } from '@shared/shell/portal-context';
import { personName } from '@shared/time/hospital-time';
import { IconAlertOctagon } from '@tabler/icons-react';
import { useEffect, useRef, useState } from 'react';
import { deadlineOf, dutyOf } from '../domain/duties';
import { useMyDuties } from '../domain/use-my-duties';
import { CriticalDialog } from './critical-dialog';
import { Deadline } from './deadline';
import classes from './critical.module.css';

export function CriticalWatch() {
  const duties = useMyDuties();
  const { me } = usePortal();
  const [openId, setOpenId] = useState<string | null>(null);
  const shown = duties.find(({ id }) => id === openId);
  useOpensByItself(duties, shown !== undefined, setOpenId);
  useTitleMark(duties.length);
  const [first] = duties;
  return (
    <>
      {first && (
        <section className={classes.strip} role="alert" aria-label="Critical finding">
          <IconAlertOctagon size={20} aria-hidden />
          <Text span className={classes.stripText}>
            <strong>
              {first.finding.findingTitle}
              {first.finding.withdrawn ? ' (withdrawn)' : ''}
            </strong>
            <span>
              {first.patient ? personName(first.patient.name) : first.finding.orderNumber}
              {duties.length > 1 ? ` · and ${duties.length - 1} more` : ''}
            </span>
          </Text>
          <span className={classes.stripClock}>
            <Deadline {...deadlineOf(first)} />
          </span>
          <Button color="dark" variant="white" size="xs" onClick={() => setOpenId(first.id)}>
            {dutyOf(first, me.id) === 'read-back' ? 'Read back' : 'Answer'}
          </Button>
        </section>
      )}
      <CriticalDialog alert={shown ?? null} others={duties.filter(({ id }) => id !== openId)} show={setOpenId} close={() => setOpenId(null)} />
    </>
  );
}

const LOOK_AGAIN_MS = 400;

/** Opens for an alert that is new here, or of which somebody was told again since it was put aside. */
function useOpensByItself(duties: Alert[], isShown: boolean, open: (id: string) => void): void {
  const seen = useRef(new Set<string>());
  useEffect(() => {
    const fresh = duties.find((alert) => !seen.current.has(callOf(alert)));
    if (!fresh || isShown) return;
    const tryIt = () => {
      if (isBusy()) return;
      duties.forEach((alert) => seen.current.add(callOf(alert)).add(alert.id));
      open(fresh.id);
      clearInterval(timer);
    };
    const timer = setInterval(tryIt, LOOK_AGAIN_MS);
    tryIt();
    return () => clearInterval(timer);
  }, [duties, isShown, open]);
}

/** Somebody types or answers another dialog: a dialog now would take the keys away. */
function isBusy(): boolean {
  const at = document.activeElement;
  const isTyping = at instanceof HTMLTextAreaElement || (at instanceof HTMLInputElement && at.type !== 'radio' && at.type !== 'checkbox');
  return isTyping || document.querySelector('[role=dialog][aria-modal=true]') !== null;
}

/** In a browser with thirty tabs, the title is all that is seen. */
function useTitleMark(count: number): void {
  useEffect(() => {
    const mark = () => {
      const bare = document.title.replace(/^\(\d+!\) /, '');
      const wanted = count > 0 ? `(${count}!) ${bare}` : bare;
      if (document.title !== wanted) document.title = wanted;
    };
    mark();
    const watch = new MutationObserver(mark);
    const title = document.querySelector('title');
    if (title) watch.observe(title, { childList: true });
    return () => watch.disconnect();
  }, [count]);
}
