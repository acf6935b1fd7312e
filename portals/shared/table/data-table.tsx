/**
 * A table of thousands of rows with only the visible ones in the page. Arrow keys move, Enter opens; one
 * row is the tab stop, so that Tab leaves the table.
 */
import { Box } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import clsx from 'clsx';
import type { KeyboardEvent, ReactNode, RefObject } from 'react';
import { useLayoutEffect, useRef, useState } from 'react';
import classes from './data-table.module.css';

export interface Column<Row> {
  id: string;
  header: string;
  /** A CSS grid track: `90px`, `minmax(140px, 2fr)`. */
  width: string;
  /** `isActive`: it stands in the row that is the tab stop. */
  cell: (row: Row, isActive: boolean) => ReactNode;
  /** Left out, the last one first, while the table is too narrow for all. */
  secondary?: boolean;
}

interface DataTableProps<Row> {
  label: string;
  rows: readonly Row[];
  columns: ReadonlyArray<Column<Row>>;
  rowKey: (row: Row) => string;
  onOpen?: (row: Row) => void;
  onSelect?: (row: Row | null) => void;
  isEmphasized?: (row: Row) => boolean;
  isFaded?: (row: Row) => boolean;
  rowHeight?: number;
  /** Long texts go on in a next line, and their row is as high as it takes. */
  wraps?: boolean;
  empty?: ReactNode;
}

const GAP = 10;
const PADDING = 24;

/** Every row is as wide as all tracks at their least, so that columns stand under each other when it gets narrow. */
function leastWidth(columns: ReadonlyArray<{ width: string }>): number {
  const tracks = columns.map(({ width }) => Number(/(\d+)px/.exec(width)?.[1] ?? 0));
  return tracks.reduce((sum, track) => sum + track, 0) + GAP * (columns.length - 1) + PADDING;
}

/** The columns for which there is room. */
export function columnsWithin<One extends { width: string; secondary?: boolean }>(columns: readonly One[], width: number): readonly One[] {
  const last = columns.findLastIndex(({ secondary }) => secondary);
  if (last < 0 || leastWidth(columns) <= width) return columns;
  return columnsWithin(columns.toSpliced(last, 1), width);
}

/** The width of an element, known before it is painted. */
function useWidth(element: RefObject<HTMLElement | null>): number {
  const [width, setWidth] = useState(Infinity);
  useLayoutEffect(() => {
    if (!element.current) return undefined;
    const watched = element.current;
    const measure = () => setWidth(watched.clientWidth);
    measure();
    const observer = new ResizeObserver(measure);
    observer.observe(watched);
    return () => observer.disconnect();
  }, [element]);
  return width;
}

export function DataTable<Row>({ label, rows, columns: all, rowKey, onOpen, onSelect, isEmphasized, isFaded, rowHeight = 34, wraps = false, empty }: DataTableProps<Row>) {
  const scroller = useRef<HTMLDivElement>(null);
  const columns = columnsWithin(all, useWidth(scroller));
  const [activeKey, setActiveKey] = useState<string | null>(null);
  const virtual = useVirtualizer({ count: rows.length, getScrollElement: () => scroller.current, estimateSize: () => rowHeight, overscan: 12 });
  const template = columns.map((column) => column.width).join(' ');
  const minWidth = leastWidth(columns);
  const activeIndex = Math.max(0, rows.findIndex((row) => rowKey(row) === activeKey));

  const focusRow = (index: number) => {
    const row = rows[Math.max(0, Math.min(rows.length - 1, index))];
    if (!row) return;
    setActiveKey(rowKey(row));
    onSelect?.(row);
    virtual.scrollToIndex(rows.indexOf(row));
    requestAnimationFrame(() => scroller.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(rowKey(row))}"]`)?.focus());
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if ((event.target as HTMLElement).closest('button, a, input')) return;
    const pageful = Math.floor((scroller.current?.clientHeight ?? 400) / rowHeight) - 1;
    const steps: Record<string, number> = { ArrowDown: activeIndex + 1, ArrowUp: activeIndex - 1, PageDown: activeIndex + pageful, PageUp: activeIndex - pageful, Home: 0, End: rows.length - 1 };
    const step = steps[event.key];
    const active = rows[activeIndex];
    if (step !== undefined) focusRow(step);
    else if (event.key === 'Enter' && active) onOpen?.(active);
    else return;
    event.preventDefault();
  };

  if (rows.length === 0 && empty) return empty;
  return (
    <Box ref={scroller} className={classes.scroller} role="grid" aria-label={label} aria-rowcount={rows.length + 1} aria-colcount={columns.length} onKeyDown={onKeyDown}>
      <div role="rowgroup" className={classes.head} style={{ minWidth }}>
        <div role="row" aria-rowindex={1} className={classes.row} style={{ gridTemplateColumns: template }}>
          {columns.map((column) => (
            <div key={column.id} role="columnheader" className={classes.header}>
              {column.header}
            </div>
          ))}
        </div>
      </div>
      <div role="rowgroup" style={{ position: 'relative', height: virtual.getTotalSize() }}>
        {virtual.getVirtualItems().map((item) => {
          const row = rows[item.index];
          if (!row) return null;
          const key = rowKey(row);
          return (
            <div
              key={key}
              data-key={key}
              data-index={item.index}
              ref={wraps ? virtual.measureElement : undefined}
              role="row"
              aria-rowindex={item.index + 2}
              aria-selected={key === activeKey}
              tabIndex={item.index === activeIndex ? 0 : -1}
              className={clsx(classes.row, classes.body, isEmphasized?.(row) && classes.emphasized, isFaded?.(row) && classes.faded, wraps && classes.wraps, onOpen && classes.clickable)}
              style={{ gridTemplateColumns: template, minWidth, ...(wraps ? { minHeight: rowHeight } : { height: item.size }), transform: `translateY(${item.start}px)` }}
              onClick={() => {
                setActiveKey(key);
                onSelect?.(row);
              }}
              onDoubleClick={() => onOpen?.(row)}
              onFocus={() => setActiveKey(key)}
            >
              {columns.map((column) => (
                <div key={column.id} role="gridcell" className={classes.cell}>
                  {column.cell(row, item.index === activeIndex)}
                </div>
              ))}
            </div>
          );
        })}
      </div>
    </Box>
  );
}
