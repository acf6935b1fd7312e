import { alertsQuery } from '@shared/api/alerts';
import type { Alert } from '@shared/api/types';
import { useMay, usePortal } from '@shared/shell/portal-context';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { byDeadline, dutyOf } from './duties';

/** Asked again by itself too: a critical finding may not depend on the live line alone. */
const ASK_AGAIN_MS = 30_000;

/** Critical findings that this person must answer, those whose time runs out first come first. */
export function useMyDuties(): Alert[] {
  const { me } = usePortal();
  const may = useMay();
  const { data } = useQuery({ ...alertsQuery(['OPEN', 'ACKNOWLEDGED'], true), enabled: may('alert.read'), refetchInterval: ASK_AGAIN_MS });
  return useMemo(() => (data?.items ?? []).filter((alert) => dutyOf(alert, me.id) !== null).sort(byDeadline), [data, me.id]);
}
