/** Who is signed in and what the house is like: loaded before the first page is drawn, then always there. */
import type { QueryClient } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { createContext, useContext } from 'react';
import { configurationQuery, meQuery } from '../api/people';
import type { Configuration, Me } from '../api/types';
import { OfflineError } from '../http/problem';
import type { HospitalTime } from '../time/hospital-time';
import { hospitalTime } from '../time/hospital-time';

interface Portal {
  me: Me;
  house: Configuration;
  clock: HospitalTime;
}

const PortalContext = createContext<Portal | null>(null);

export function PortalContextProvider({ value, children }: { value: Portal; children: ReactNode }) {
  return <PortalContext.Provider value={value}>{children}</PortalContext.Provider>;
}

export function usePortal(): Portal {
  const portal = useContext(PortalContext);
  if (!portal) throw new Error('PortalContextProvider is missing');
  return portal;
}

export function useClock(): HospitalTime {
  return usePortal().clock;
}

/** Whether the signed-in person may do this at all; the server decides again, case by case. */
export function useMay(): (action: string) => boolean {
  const { permissions } = usePortal().me;
  return (action) => action in permissions;
}

const SIGN_IN = '/auth/login';

/** Load what every page needs; whoever is not signed in is sent to do so and comes back to this page. */
export async function enter(queries: QueryClient): Promise<Portal | null> {
  const probe = await fetch('/api/radiology/me', { credentials: 'same-origin' }).catch(() => {
    throw new OfflineError();
  });
  if (probe.status === 401) {
    const back = location.pathname + location.search;
    location.assign(`${SIGN_IN}?returnTo=${encodeURIComponent(back)}`);
    return null;
  }
  const [me, house] = await Promise.all([queries.fetchQuery(meQuery), queries.fetchQuery(configurationQuery)]);
  return { me, house, clock: hospitalTime(house.timeZone) };
}
