import { saw } from '@shared/api/alerts';
import type { Alert } from '@shared/api/types';
import { usePortal } from '@shared/shell/portal-context';
import { useEffect, useRef } from 'react';
import { callOf, isUnseen } from './duties';

/** Tells that this person has the alert before their eyes: an open dialog in a window that can be seen. */
export function useReceipt(alert: Alert): void {
  const { me } = usePortal();
  const told = useRef('');
  useEffect(() => {
    const tell = () => {
      if (document.visibilityState !== 'visible' || told.current === callOf(alert) || !isUnseen(alert, me.id)) return;
      told.current = callOf(alert);
      // Not worth a word to the doctor: it is told again when the alert is shown again.
      saw(alert.id).catch(() => (told.current = ''));
    };
    tell();
    document.addEventListener('visibilitychange', tell);
    return () => document.removeEventListener('visibilitychange', tell);
  }, [alert, me.id]);
}
