import { queryOptions } from '@tanstack/react-query';
import { ask } from './ask';
import { getSystemHealth, listDeadLetters, reopenDeadLetter, replayDeadLetter, settleDeadLetter } from './generated/sdk.gen';

export const healthQuery = queryOptions({ queryKey: ['operations', 'health'], queryFn: () => ask(getSystemHealth()), refetchInterval: 10_000 });
/** Those that are open, or those that somebody has dealt with otherwise. */
export const deadLettersQuery = (settled = false) =>
  queryOptions({ queryKey: ['operations', 'dead-letters', { settled }], queryFn: () => ask(listDeadLetters({ query: { settled } })), refetchInterval: 30_000 });
export const settle = (id: string, reason: string) => ask(settleDeadLetter({ path: { id }, body: { reason } }));
export const reopen = (id: string, reason: string) => ask(reopenDeadLetter({ path: { id }, body: { reason } }));
export const replay = (id: string) => ask(replayDeadLetter({ path: { id } }));
