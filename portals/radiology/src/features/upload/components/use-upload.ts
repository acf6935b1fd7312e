/** The files that somebody has chosen for an order: looked into, sent, and remembered once they are stored. */
import type { Order } from '@shared/api/types';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { contentOfFile } from '../domain/contents';
import { inspect } from '../domain/inspect';
import type { Row } from '../domain/rows';
import { inOrder, newRow, reasonOf } from '../domain/rows';
import { StoredBefore } from '../domain/stored-before';
import type { Fields } from '../domain/upload-queue';
import { sentences, UploadQueue } from '../domain/upload-queue';

export function useUpload(order: Order) {
  const queries = useQueryClient();
  const [rows, setRows] = useState<Row[]>([]);
  const [isSending, setSending] = useState(false);
  const [before] = useState(() => new StoredBefore(order.id));
  const queue = useRef<UploadQueue | null>(null);
  const change = (id: string, part: Partial<Row>) => setRows((now) => now.map((row) => (row.id === id ? { ...row, ...part } : row)));

  const add = (files: File[]) => {
    const fresh = inOrder(files.map((file) => newRow(contentOfFile(file))));
    setRows((now) => [...now, ...fresh]);
    void lookInto(fresh, before, (found) => setRows((now) => now.flatMap((row) => found.get(row.id) ?? row)));
  };

  const send = (fields: Fields) => {
    const sent = new Map(rows.filter((row) => reasonOf(row) === '').map((row) => [row.id, row]));
    const running = new UploadQueue((id, part) => {
      const digest = sent.get(id)?.facts?.digest;
      if (part.fate === 'stored' && digest) before.add(digest, part.message ?? '');
      change(id, part as Partial<Row>);
    });
    queue.current = running;
    setSending(true);
    void running.run([...sent.values()], `/api/radiology/orders/${order.id}/images`, fields).finally(() => {
      setSending(false);
      void queries.invalidateQueries({ queryKey: ['orders'] });
    });
  };

  const sendAgain = () => {
    before.forget(rows.flatMap(({ isStoredBefore, facts }) => (isStoredBefore && facts ? [facts.digest] : [])));
    setRows((now) => now.map((row) => (row.isStoredBefore ? { ...row, isStoredBefore: false, fate: 'waiting', sent: 0, message: '' } : row)));
  };

  const remove = (gone: readonly Row[]) => {
    const ids = new Set(gone.map(({ id }) => id));
    setRows((now) => now.filter(({ id }) => !ids.has(id)));
  };

  useEffect(() => () => queue.current?.stop(), []);
  return { rows, countBefore: rows.length === 0 ? before.count : 0, add, remove, send, sendAgain, isSending, clear: () => setRows([]), stop: () => queue.current?.stop() };
}

/** In portions, so that the page stays alive while a thousand headers are read. A zip becomes its files, which are looked into after the others. */
async function lookInto(rows: readonly Row[], before: StoredBefore, replace: (found: Map<string, Row[]>) => void): Promise<void> {
  const packed: Row[] = [];
  for (let start = 0; start < rows.length; start += 40) {
    const portion = rows.slice(start, start + 40).map(async (row): Promise<[string, Row[]]> => {
      if (reasonOf(row) !== '') return [row.id, [row]];
      const facts = await inspect(row.content);
      const members = facts.members && inOrder(facts.members.map(newRow));
      packed.push(...(members ?? []));
      return [row.id, members ?? [asStored({ ...row, facts }, before)]];
    });
    replace(new Map(await Promise.all(portion)));
  }
  if (packed.length > 0) await lookInto(packed, before, replace);
}

function asStored(row: Row, before: StoredBefore): Row {
  const said = before.said(row.facts?.digest ?? '');
  return said === undefined ? row : { ...row, fate: 'stored', sent: row.content.bytes, message: sentences(['Stored before', said]), isStoredBefore: true };
}
