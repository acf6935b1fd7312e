import { personQuery } from '@shared/api/people';
import { useQuery } from '@tanstack/react-query';

/** Who sent it: a person by name, a machine or a system by what it calls itself; until that is known, nothing that is longer than a name. */
export function useSenderName(id: string): string {
  const person = useQuery(personQuery(id));
  if (person.isLoading) return '…';
  return person.data?.name || id || 'unknown';
}
