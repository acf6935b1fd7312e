/** What was found, to choose one of it: no push moves a row under the hand that is about to choose. */
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { ListHead } from './list-head';
import { summaryOf } from './steady';
import { useSteadyRows } from './use-steady-rows';
import { useVisit } from './use-visit';

interface Found<Row> {
  items: Row[];
  total: number;
}

interface ChoicesProps<Row> {
  /** Of one search; another one is another `key`. */
  query: UseQueryResult<Found<Row>>;
  page: Found<Row>;
  nouns: readonly [string, string];
  empty?: ReactNode;
  children: (rows: Row[]) => ReactNode;
}

const keyOf = ({ id }: { id: string }): string => id;

export function Choices<Row extends { id: string }>({ query, page, nouns, empty = null, children }: ChoicesProps<Row>) {
  const steady = useSteadyRows(page.items, useVisit(query), keyOf, page.total > page.items.length);
  if (steady.rows.length === 0) return empty;
  return (
    <div>
      <ListHead summary={summaryOf({ shown: steady.rows.length, listed: page.items.length, total: page.total }, nouns)} arrived={steady.arrived} gone={steady.gone} update={steady.update} />
      {children(steady.rows)}
    </div>
  );
}
