/** The receipt of what is told in the app: that its person has it before their eyes. */
import { useEffect, useRef } from 'react';
import { saw } from '../api/alerts';
import type { Alert } from '../api/types';
import { usePortal } from '../shell/portal-context';

/** Names a call for this person: each time that somebody is told again is a new one; reading back later is none. */
export function callOf(alert: Alert): string {
  return alert.status === 'OPEN' ? `${alert.id}/${alert.attempts.length}` : alert.id;
}

/** Whether a notice in the app still waits to be seen by this person. */
export function isUnseen(alert: Alert, personId: string): boolean {
  return alert.attempts.some(({ channel, state, personId: to }) => channel === 'IN_APP' && state === 'SENT' && to === personId);
}

/** Tells that this person has the alert before their eyes: it is on the screen, in a window that can be seen. */
export function useReceipt(alert: Alert, isOnScreen = true): void {
  const { me } = usePortal();
  const told = useRef('');
  useEffect(() => {
    const tell = () => {
      if (!isOnScreen || document.visibilityState !== 'visible' || told.current === callOf(alert) || !isUnseen(alert, me.id)) return;
      told.current = callOf(alert);
      // Not worth a word to the reader: it is told again when the alert is shown again.
      saw(alert.id).catch(() => (told.current = ''));
    };
    tell();
    document.addEventListener('visibilitychange', tell);
    return () => document.removeEventListener('visibilitychange', tell);
  }, [alert, isOnScreen, me.id]);
}
