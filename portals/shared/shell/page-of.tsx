/** The page of a route, fetched when it is first needed, for those whose role includes it. */
import { useQuery } from '@tanstack/react-query';
import type { ComponentType, FunctionComponent } from 'react';
import { Loaded, PageWithoutRight } from '../states/states';
import { fetched } from './parts';
import { useMay } from './portal-context';

/** Asked for also when the browser thinks that there is no network, which is then said, and by itself once there is. */
const AT_ONCE = { networkMode: 'always', refetchOnReconnect: true } as const;

/** The server refuses the others' requests as well. Without a network the page says so, and comes when it is there. */
export function pageOf(load: () => Promise<Record<string, ComponentType>>, name: string, action: string): FunctionComponent & { preload: () => Promise<void> } {
  let here: { Page: ComponentType } | undefined;
  const bring = async () => (here ??= { Page: (await fetched(load))[name] as ComponentType });

  function Fetched() {
    const query = useQuery({ queryKey: ['page', name], queryFn: bring, initialData: () => here, staleTime: Infinity, retry: false, ...AT_ONCE });
    return <Loaded query={query}>{({ Page }) => <Page />}</Loaded>;
  }

  function Guarded() {
    return useMay()(action) ? <Fetched /> : <PageWithoutRight />;
  }

  // What the router calls to fetch a page before it is shown; what fails here is asked for again when it is.
  const preload = () => bring().then(
    () => undefined,
    () => undefined,
  );
  return Object.assign(Guarded, { preload });
}
