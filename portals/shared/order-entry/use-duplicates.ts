/** Orders that the one being written would double, of other doctors too: shown while it is written, and asked for once more before it is sent. */
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { similarOrdersQuery } from '../api/orders';
import type { SimilarOrder } from '../api/types';
import type { OrderDraft } from './draft';
import { wantedExam } from './draft';

const REST_MS = 300;

interface Duplicates {
  duplicates: SimilarOrder[];
  /** Those of the draft as it is now, whatever was shown a moment ago. */
  findNow: () => Promise<SimilarOrder[]>;
}

export function useDuplicates(draft: OrderDraft): Duplicates {
  const queries = useQueryClient();
  const wanted = wantedExam(draft);
  // A body part and a number are typed: not each letter is a question.
  const [key] = useDebouncedValue(JSON.stringify(wanted), REST_MS);
  const { data } = useQuery(similarOrdersQuery(JSON.parse(key) as typeof wanted));
  const findNow = async () => {
    const query = similarOrdersQuery(wanted);
    // A question that is under way may have been answered before another doctor's order.
    await queries.cancelQueries({ queryKey: query.queryKey, exact: true });
    return queries.fetchQuery({ ...query, staleTime: 0 });
  };
  return { duplicates: data ?? [], findNow };
}
