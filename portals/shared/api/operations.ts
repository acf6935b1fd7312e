import { queryOptions } from '@tanstack/react-query';
import { ask } from './ask';
import { getSystemHealth, listDeadLetters, replayDeadLetter } from './generated/sdk.gen';

export const healthQuery = queryOptions({ queryKey: ['operations', 'health'], queryFn: () => ask(getSystemHealth()), refetchInterval: 10_000 });
export const deadLettersQuery = queryOptions({ queryKey: ['operations', 'dead-letters'], queryFn: () => ask(listDeadLetters()), refetchInterval: 30_000 });
export const replay = (id: string) => ask(replayDeadLetter({ path: { id } }));
