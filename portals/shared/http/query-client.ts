import { QueryClient } from '@tanstack/react-query';
import { ProblemError } from './problem';

/** A refusal is final; only what may pass by itself is tried again. */
const mayPass = (error: unknown): boolean => !(error instanceof ProblemError) || error.status === 503 || error.status === 429;

export const newQueryClient = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        gcTime: 10 * 60_000,
        refetchOnWindowFocus: true,
        retry: (failures, error) => failures < 3 && mayPass(error),
        retryDelay: (attempt) => Math.min(8000, 600 * 2 ** attempt),
      },
    },
  });
