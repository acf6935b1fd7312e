import { QueryClient } from '@tanstack/react-query';
import { mayPass, ProblemError } from './problem';

export const newQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: true,
        retry: (failures, error) => failures < 3 && (mayPass(error) || !(error instanceof ProblemError)),
        retryDelay: (attempt) => Math.min(8000, 600 * 2 ** attempt),
      },
    },
  });
