/**
 * Unsaved typing in this browser, so that a crash or a lost connection takes nothing. One entry for each user
 * and place, which is a tab in which an order or a report is written; it is removed as soon as the server has it,
 * when its writer signs out, when somebody else signs in, and when it is old (docs/decisions/0010).
 */
import { isKept } from './kept';
import type { LocalDraft, Sections } from './merge';

const DATABASE = 'radiology-drafts';
const STORE = 'drafts';

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new Error('The draft store cannot be opened'));
  });
}

async function inStore<Result>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<Result>): Promise<Result> {
  const database = await open();
  try {
    return await new Promise<Result>((resolve, reject) => {
      const request = act(database.transaction(STORE, mode).objectStore(STORE));
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(request.error ?? new Error('The draft store refused'));
    });
  } finally {
    database.close();
  }
}

const keyOf = (userId: string, place: string): string => `${userId}/${place}`;
const keysBelow = (path: string): IDBKeyRange => IDBKeyRange.bound(`${path}/`, `${path}/\uffff`);

export async function readDraft<Content extends Sections>(userId: string, place: string): Promise<LocalDraft<Content> | null> {
  const found = await inStore('readonly', (store) => store.get(keyOf(userId, place)) as IDBRequest<LocalDraft<Content> | undefined>);
  return found ?? null;
}

export async function writeDraft<Content extends Sections>(userId: string, place: string, draft: LocalDraft<Content>): Promise<void> {
  await inStore('readwrite', (store) => store.put(draft, keyOf(userId, place)));
}

export async function removeDraft(userId: string, place: string): Promise<void> {
  await inStore('readwrite', (store) => store.delete(keyOf(userId, place)));
}

/** The places below one, as those of the tabs that write one report: the last written first. */
export async function placesBelow(userId: string, place: string): Promise<string[]> {
  const found = await entries(keysBelow(keyOf(userId, place)));
  return found.toSorted((one, other) => other.draft.savedAt - one.draft.savedAt).map(({ key }) => key.slice(userId.length + 1));
}

/** How many drafts of this person lie here. */
export function countDrafts(userId: string): Promise<number> {
  return inStore('readonly', (store) => store.count(keysBelow(userId)));
}

/** Remove all that this person has typed here, as at sign-out. */
export async function removeDraftsOf(userId: string): Promise<void> {
  await inStore('readwrite', (store) => store.delete(keysBelow(userId)));
}

/** Remove what is somebody else's or too old, as at sign-in. */
export async function tidyDrafts(userId: string, now = Date.now()): Promise<void> {
  const outdated = (await entries()).filter(({ key, draft }) => !isKept(key, draft.savedAt, userId, now));
  await Promise.all(outdated.map(({ key }) => inStore('readwrite', (store) => store.delete(key))));
}

/** What lies here, or the part of it in this range. One that goes away between the two reads is left out. */
async function entries(range?: IDBKeyRange): Promise<Array<{ key: string; draft: LocalDraft<Sections> }>> {
  const keys = await inStore('readonly', (store) => store.getAllKeys(range));
  const drafts = await Promise.all(keys.map((key) => inStore('readonly', (store) => store.get(key) as IDBRequest<LocalDraft<Sections> | undefined>)));
  return keys.flatMap((key, index) => {
    const draft = drafts[index];
    return draft ? [{ key: String(key), draft }] : [];
  });
}
