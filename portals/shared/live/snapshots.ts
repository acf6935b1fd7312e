/**
 * The one place where pushed snapshots enter the query cache. A snapshot is applied only when its version
 * is higher than what is held, so late and doubled messages change nothing. Lists keep their order: a
 * known row is replaced where it stands; unknown rows wait until the list is asked for again.
 */
import type { QueryClient } from '@tanstack/react-query';

export interface Snapshot {
  id: string;
  version: number;
}

/** Topic of a message to the resource in query keys: `[resource, 'one', id]` and `[resource, 'list', ...]`. */
export const RESOURCES: Record<string, string> = {
  'order.updated': 'orders',
  'study.updated': 'studies',
  'report.updated': 'reports',
  'report.opened': 'reports',
  'alert.updated': 'alerts',
  'equipment.updated': 'equipment',
};

export interface Page<Item> {
  items: readonly Item[];
}

export const isSnapshot = (data: unknown): data is Snapshot =>
  typeof data === 'object' && data !== null && typeof (data as Snapshot).id === 'string' && typeof (data as Snapshot).version === 'number';

/** Replace a row that is older than the snapshot; the same page comes back when nothing changes. */
export function patchPage<Item extends Snapshot>(page: Page<Item>, snapshot: Item): Page<Item> {
  const index = page.items.findIndex((item) => item.id === snapshot.id);
  const known = page.items[index];
  if (!known || known.version >= snapshot.version) return page;
  return { ...page, items: page.items.with(index, { ...known, ...snapshot }) };
}

/** Apply one message. Returns false when it is no snapshot of a known kind. */
export function applySnapshot(client: QueryClient, type: string, data: unknown): boolean {
  const resource = RESOURCES[type];
  if (!resource || !isSnapshot(data)) return false;
  client.setQueryData<Snapshot>([resource, 'one', data.id], (known) => (known && known.version < data.version ? { ...known, ...data } : known));
  const orderId = (data as { orderId?: unknown }).orderId;
  // A report is also held under its order, where it may not have been there before.
  if (resource === 'reports') client.setQueryData<Snapshot | null>([resource, 'of-order', orderId], (known) => (known === undefined ? known : known === null || known.version < data.version ? { ...known, ...data } : known));
  client.setQueriesData<Page<Snapshot>>({ queryKey: [resource, 'list'] }, (page) => (page && Array.isArray(page.items) ? patchPage(page, data) : page));
  return true;
}

/** Lists and figures that a snapshot may have changed in their membership; asked for again together. */
export function refreshAfter(client: QueryClient, resources: ReadonlySet<string>): void {
  for (const resource of resources) void client.invalidateQueries({ queryKey: [resource, 'list'] });
  // What is told of priors, and the notes on them, are parts of studies.
  if (resources.has('studies')) void client.invalidateQueries({ queryKey: ['priors'] });
  // Which of one's orders stand first depends on what one has read.
  if (resources.has('reports')) void client.invalidateQueries({ queryKey: ['orders', 'list', 'search'] });
  void client.invalidateQueries({ queryKey: ['dashboard'] });
}

interface StudyOfCase {
  studyInstanceUid?: string;
  match?: { orderId?: string | null };
}

/** An open case whose study changed is asked for again: images came, or were taken out, or belong elsewhere now. */
function refreshCases(client: QueryClient, study: StudyOfCase): void {
  void client.invalidateQueries({
    queryKey: ['viewer-data'],
    predicate: ({ queryKey, state }) => {
      const held = (state.data as { studies?: StudyOfCase[] } | undefined)?.studies ?? [];
      return queryKey[1] === study.match?.orderId || held.some(({ studyInstanceUid }) => studyInstanceUid === study.studyInstanceUid);
    },
  });
}

const REMEMBERED_MS = 120_000;

/**
 * Applies pushes, and applies the latest ones again to each answer of the server that comes after them: a
 * slow answer is older than a push that overtook it, and must not bring back what is no longer true.
 */
export class PushedLately {
  private readonly client: QueryClient;
  private readonly pushes = new Map<string, { type: string; data: Snapshot; at: number }>();

  constructor(client: QueryClient) {
    this.client = client;
    client.getQueryCache().subscribe((event) => {
      if (event.type === 'updated' && event.action.type === 'success' && !event.action.manual) this.applyAgain(event.query.queryKey[0]);
    });
  }

  /** Apply one message. Returns false when it is of no known kind. */
  apply(type: string, data: unknown): boolean {
    const isKnown = applySnapshot(this.client, type, data);
    if (isKnown) this.remember(type, data as Snapshot);
    if (isKnown && type === 'study.updated') refreshCases(this.client, data as StudyOfCase);
    return isKnown;
  }

  private remember(type: string, data: Snapshot): void {
    const now = Date.now();
    const key = `${type}/${data.id}`;
    const known = this.pushes.get(key);
    if (known && known.data.version > data.version) return;
    // Put last again, so that the oldest ones stand first.
    this.pushes.delete(key);
    this.pushes.set(key, { type, data, at: now });
    for (const [old, { at }] of this.pushes) {
      if (now - at <= REMEMBERED_MS) break;
      this.pushes.delete(old);
    }
  }

  private applyAgain(resource: unknown): void {
    for (const { type, data } of this.pushes.values()) {
      if (RESOURCES[type] === resource) applySnapshot(this.client, type, data);
    }
  }
}
