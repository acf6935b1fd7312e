import { queryOptions } from '@tanstack/react-query';
import { ask, byItself } from './ask';
import { getSystemHealth, listDeadLetters, replayDeadLetter } from './generated/sdk.gen';

export const healthQuery = queryOptions({ queryKey: ['operations', 'health'], queryFn: (context) => ask(getSystemHealth({ headers: byItself(context) })), refetchInterval: 10_000 });
export const deadLettersQuery = queryOptions({ queryKey: ['operations', 'dead-letters'], queryFn: (context) => ask(listDeadLetters({ headers: byItself(context) })), refetchInterval: 30_000 });
export const replay = (id: string) => ask(replayDeadLetter({ path: { id } }));
