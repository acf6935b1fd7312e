import type { UseQueryResult } from '@tanstack/react-query';
import { useState } from 'react';

/**
 * What was kept from the last visit to a list, and is loaded anew now, is not yet what the reader looks at: what came since
 * would wait behind "new". What was loaded a moment ago is: no push may move it. For the scope of `useSteadyRows`.
 */
export function useVisit({ isFetching, isFetchedAfterMount }: Pick<UseQueryResult, 'isFetching' | 'isFetchedAfterMount'>): 'before' | 'now' {
  const [isLoadedAnew] = useState(isFetching);
  return isLoadedAnew && !isFetchedAfterMount ? 'before' : 'now';
}
