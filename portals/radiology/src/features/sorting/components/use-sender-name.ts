import { peopleQuery } from '@shared/api/people';
import { useQuery } from '@tanstack/react-query';

/** Who sent it: a person by name, a machine or a system by what it calls itself. */
export function useSenderName(): (id: string) => string {
  const people = useQuery(peopleQuery());
  return (id) => people.data?.items.find((person) => person.id === id)?.name || id || 'unknown';
}
