/**
 * What becomes of a local draft when the server's report may have moved on. The server's version wins,
 * and nobody's text is lost: what was typed here and cannot be merged is handed back to its writer.
 */
import type { ImageCount } from '../viewer/study-listing';

export type Sections = Readonly<Record<string, unknown>>;

/** A draft as it lies in this browser; `base` is the content that the typing began on. */
export interface LocalDraft<Content extends Sections> {
  content: Content;
  base: Content;
  baseVersion: number;
  savedAt: number;
  /** Words of the writer that have given way to somebody else's, and wait for a decision. */
  conflicts?: Array<SectionConflict<Content>>;
  /** The images that the writer has seen. */
  seenImages?: ImageCount;
}

export interface ServerReport<Content extends Sections> {
  content: Content;
  version: number;
}

export interface SectionConflict<Content extends Sections> {
  section: keyof Content;
  yours: unknown;
  theirs: unknown;
  /** The two texts are both the writer's: the other one was typed in another tab. */
  isOwn?: boolean;
}

export type Merge<Content extends Sections> =
  | { kind: 'clean'; content: Content; baseVersion: number; isDirty: boolean }
  | { kind: 'merged'; content: Content; baseVersion: number; isDirty: boolean; taken: Array<keyof Content> }
  | { kind: 'conflict'; content: Content; baseVersion: number; isDirty: boolean; conflicts: Array<SectionConflict<Content>> };

const same = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other);

/** Bring local typing and the server's report together, section by section. */
export function mergeDraft<Content extends Sections>(local: LocalDraft<Content> | null, server: ServerReport<Content>): Merge<Content> {
  const { content: theirs, version } = server;
  if (!local || same(local.content, theirs)) return { kind: 'clean', content: theirs, baseVersion: version, isDirty: false };
  if (local.baseVersion === version) return { kind: 'clean', content: local.content, baseVersion: version, isDirty: true };
  return mergeSections(local, theirs, version);
}

function mergeSections<Content extends Sections>(local: LocalDraft<Content>, theirs: Content, version: number): Merge<Content> {
  const merged: Record<string, unknown> = { ...theirs };
  const conflicts: Array<SectionConflict<Content>> = [];
  const taken: Array<keyof Content> = [];
  for (const section of new Set([...Object.keys(theirs), ...Object.keys(local.content)])) {
    const [base, mine, other] = [local.base[section], local.content[section], theirs[section]];
    if (same(mine, other) || same(mine, base)) {
      if (!same(other, base)) taken.push(section);
    } else if (same(other, base)) merged[section] = mine;
    else if (isRecord(base) && isRecord(mine) && isRecord(other)) merged[section] = mergeItems(base, mine, other);
    else conflicts.push({ section, yours: mine, theirs: other });
  }
  const content = merged as Content;
  const isDirty = !same(content, theirs);
  if (conflicts.length > 0) return { kind: 'conflict', content, baseVersion: version, isDirty, conflicts };
  return { kind: 'merged', content, baseVersion: version, isDirty, taken };
}

const isRecord = (value: unknown): value is Sections => typeof value === 'object' && value !== null;

/** A checklist, item by item: of what is ticked or not, two cannot differ where both changed it. */
function mergeItems(base: Sections, mine: Sections, other: Sections): Sections {
  const isTouched = (item: string) => Boolean(mine[item]) !== Boolean(base[item]);
  return Object.fromEntries(Object.keys({ ...other, ...mine }).map((item) => [item, (isTouched(item) ? mine : other)[item] ?? false]));
}

/**
 * What the same writer typed in another tab comes to what is typed here. Both go on from the server's content;
 * where both changed a section, the text here stays and the other one waits for a decision.
 */
export function joinTexts<Content extends Sections>(here: Pick<LocalDraft<Content>, 'content' | 'base'>, elsewhere: Content): { content: Content; conflicts: Array<SectionConflict<Content>> } {
  const merge = mergeSections({ content: elsewhere, base: here.base, baseVersion: 0, savedAt: 0 }, here.content, 0);
  const found = merge.kind === 'conflict' ? merge.conflicts : [];
  const content: Record<string, unknown> = { ...merge.content };
  const conflicts = found.filter(({ section, yours, theirs }) => {
    if (typeof yours !== 'string' || typeof theirs !== 'string') return true;
    if (yours.includes(theirs)) content[String(section)] = yours;
    return !yours.includes(theirs) && !theirs.includes(yours);
  });
  return { content: content as Content, conflicts: conflicts.map((conflict) => ({ ...conflict, isOwn: true })) };
}

/**
 * The draft as it goes on from what was sent: where the server has just that, it is the writer's own save that
 * comes back, before its answer or after, and what was typed meanwhile changes it. The server trims texts.
 */
export function onwardsFrom<Content extends Sections>(sent: Content | null, local: LocalDraft<Content>, server: ServerReport<Content>): LocalDraft<Content> {
  if (!sent) return local;
  const own = Object.entries(server.content).filter(([section, value]) => same(trimmed(value), trimmed(sent[section])));
  return { ...local, base: { ...local.base, ...Object.fromEntries(own) } };
}

const trimmed = (value: unknown): unknown => (typeof value === 'string' ? value.trim() : value);

/** All that waits for a decision: of a section in which texts gave way twice, the words of both times. */
export function stillOpen<Content extends Sections>(before: ReadonlyArray<SectionConflict<Content>>, now: ReadonlyArray<SectionConflict<Content>>): Array<SectionConflict<Content>> {
  const others = before.filter(({ section }) => now.every((conflict) => conflict.section !== section));
  const again = now.map((conflict) => {
    const earlier = before.find(({ section }) => section === conflict.section);
    if (typeof earlier?.yours !== 'string' || typeof conflict.yours !== 'string') return conflict;
    return { ...conflict, yours: keepBoth(earlier.yours, conflict.yours), ...(conflict.isOwn ? { isOwn: earlier.isOwn ?? false } : {}) };
  });
  return [...others, ...again];
}

/** Put the words that gave way in the place of those that they gave way to; what was typed there since stays. */
export function putInstead(present: unknown, { yours, theirs }: Pick<SectionConflict<Sections>, 'yours' | 'theirs'>): unknown {
  if (same(present, theirs) || typeof present !== 'string' || typeof yours !== 'string') return yours;
  if (typeof theirs !== 'string' || theirs.trim() === '' || !present.includes(theirs)) return keepBoth(present, yours);
  return present.replace(theirs, () => yours);
}

/** Add the writer's own words below the others', for a section that both changed. */
export function keepBoth(theirs: string, yours: string): string {
  return theirs.includes(yours) ? theirs : [theirs, yours].filter(Boolean).join('\n');
}
