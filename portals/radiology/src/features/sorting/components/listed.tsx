import { Badge, Stack } from '@mantine/core';
import { Loaded } from '@shared/states/states';
import { ListHead } from '@shared/table/list-head';
import { summaryOf } from '@shared/table/steady';
import { useSteadyRows } from '@shared/table/use-steady-rows';
import { useVisit } from '@shared/table/use-visit';
import type { UseQueryResult } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useLayoutEffect, useRef, useState } from 'react';
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
  const visit = `${scope}/${useVisit(query)}`;
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
  const { frame, leave } = useKeptFocus(rows.map(keyOf));
  if (rows.length === 0) {
    return (
      <div ref={frame} tabIndex={-1}>
        {empty}
      </div>
    );
  }
  return (
    <div ref={frame} tabIndex={-1}>
      <ListHead summary={summaryOf({ shown: rows.length, listed: page.items.length, total: page.total }, nouns)} arrived={steady.arrived.map(named(keyOf))} gone={gone.map(named(keyOf))} update={steady.update} />
      <Stack gap="md">
        {rows.map((item) => {
          const key = keyOf(item);
          const isGone = gone.includes(item);
          const settle = () => {
            leave(key);
            setSettled(new Set([...settled, key]));
          };
          return (
            <div key={key} className={classes.item} tabIndex={-1} data-item>
              {isGone && <Badge className={classes.note}>Somebody has dealt with this one</Badge>}
              <div inert={isGone} className={isGone ? classes.gone : undefined}>
                {children(item, settle)}
              </div>
            </div>
          );
        })}
      </Stack>
    </div>
  );
}

/**
 * Who works by keyboard stays in the list: an item that goes, because its reader has settled it, hands the focus to the
 * one that moves up; one that somebody else has dealt with takes it from its buttons, which do nothing any more.
 */
function useKeptFocus(keys: readonly string[]) {
  const frame = useRef<HTMLDivElement>(null);
  const left = useRef<{ key: string; at: number } | null>(null);
  useLayoutEffect(() => {
    const items = [...(frame.current?.querySelectorAll<HTMLElement>('[data-item]') ?? [])];
    items.find((item) => item.querySelector('[inert] :focus'))?.focus();
    if (!left.current || keys.includes(left.current.key)) return;
    const next = items[Math.min(left.current.at, items.length - 1)] ?? frame.current;
    left.current = null;
    if (document.activeElement === document.body) next?.focus();
  });
  const leave = (key: string) => {
    left.current = { key, at: keys.indexOf(key) };
  };
  return { frame, leave };
}

const named =
  <Item,>(keyOf: (item: Item) => string) =>
  (item: Item) => ({ id: keyOf(item) });
