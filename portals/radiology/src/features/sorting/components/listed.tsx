import { Badge, Stack } from '@mantine/core';
import { Loaded } from '@shared/states/states';
import { ListHead } from '@shared/table/list-head';
import { summaryOf } from '@shared/table/steady';
import { useSteadyRows } from '@shared/table/use-steady-rows';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useState } from 'react';
import classes from './sorting.module.css';

interface Page<Item> {
  items: Item[];
  total: number;
}

interface ListProps<Item> {
  /** Names the list; see `useSteadyRows`. */
  scope: string;
  keyOf: (item: Item) => string;
  /** What is counted: one, and several of them. */
  nouns: [string, string];
  empty: ReactNode;
  /** `settle` is to be called when the reader has dealt with the item. */
  children: (item: Item, settle: () => void) => ReactNode;
}

export function Listed<Item>({ query, scope, ...list }: ListProps<Item> & { query: UseQueryResult<Page<Item>> }) {
  // What was kept from the last visit is not yet what the reader looks at: what he has done since would wait behind "new".
  const visit = `${scope}/${query.isFetchedAfterMount}`;
  return <Loaded query={query}>{(page) => <List page={page} scope={visit} {...list} />}</Loaded>;
}

/** What the reader has settled goes at once; what others did stays under his eyes until he lays the list out again. */
function List<Item>({ page, scope, keyOf, nouns, empty, children }: ListProps<Item> & { page: Page<Item> }) {
  const steady = useSteadyRows(page.items, scope, keyOf, page.total > page.items.length);
  const [settled, setSettled] = useState<ReadonlySet<string>>(new Set());
  const listed = new Set(page.items.map(keyOf));
  const isLeft = (item: Item) => listed.has(keyOf(item)) || !settled.has(keyOf(item));
  const rows = steady.rows.filter(isLeft);
  const gone = steady.gone.filter(isLeft);
  if (rows.length === 0 && steady.arrived.length > 0) steady.update();
  if (rows.length === 0) return empty;
  return (
    <>
      <ListHead summary={summaryOf({ shown: rows.length, listed: page.items.length, total: page.total }, nouns)} arrived={steady.arrived.map(named(keyOf))} gone={gone.map(named(keyOf))} update={steady.update} />
      <Stack gap="md">
        {rows.map((item) => {
          const key = keyOf(item);
          const isGone = gone.includes(item);
          return (
            <div key={key} className={classes.item}>
              {isGone && <Badge className={classes.note}>Somebody has dealt with this one</Badge>}
              <div inert={isGone} className={isGone ? classes.gone : undefined}>
                {children(item, () => setSettled(new Set([...settled, key])))}
              </div>
            </div>
          );
        })}
      </Stack>
    </>
  );
}

const named =
  <Item,>(keyOf: (item: Item) => string) =>
  (item: Item) => ({ id: keyOf(item) });
