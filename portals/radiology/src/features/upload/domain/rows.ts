/** The list of an upload: files, and the files of a zip below a line that sums them up. Pure. */
import type { OrderFacts } from '@shared/matching/compare';
import { personName } from '@shared/time/hospital-time';
import type { Content, Zip } from './contents';
import type { FileFacts, Header } from './inspect';
import { mismatch, whyLeftOut } from './inspect';
import type { Fate, QueuedFile } from './upload-queue';
import { sentences } from './upload-queue';

export interface Row extends QueuedFile {
  content: Content;
  facts: FileFacts | null;
  /** It was stored before this page was opened. */
  isStoredBefore: boolean;
}

/** A zip that is sent as its files. */
export interface ZipRow {
  id: string;
  zip: Zip;
  /** Those that are sent, and those that are not. */
  members: Row[];
  leftOut: Row[];
}

export type Line = Row | ZipRow;

export const isZipRow = (line: Line): line is ZipRow => 'members' in line;

export const newRow = (content: Content): Row => ({ id: crypto.randomUUID(), content, facts: null, fate: 'waiting', sent: 0, message: '', isStoredBefore: false });

export const reasonOf = ({ content, facts }: Row): string => whyLeftOut(content, facts);

/** Not stored, and not refused for good. */
export const isUnderWay = ({ fate }: Row): boolean => fate === 'waiting' || fate === 'sending' || fate === 'retrying' || fate === 'failed';

/** Who sends hundreds of files looks for the few that ask for a decision, or that were not stored: they come first. */
export const firstThoseThatAsk = (rows: readonly Row[], isWrong: (row: Row) => boolean): Row[] => {
  const asks = (row: Row) => row.fate === 'refused' || row.fate === 'failed' || isWrong(row);
  return [...rows.filter(asks), ...rows.filter((row) => !asks(row))];
};

/** What is listed: each zip once, where its first file stands, and below it its files while it is open. */
export function linesOf(rows: readonly Row[], isOpen: (zip: Zip) => boolean): Line[] {
  const zips = new Map<Zip, ZipRow>();
  const lines: Line[] = [];
  for (const row of rows) {
    const { zip } = row.content;
    const isLeftOut = reasonOf(row) !== '';
    if (!zip) {
      if (!isLeftOut) lines.push(row);
      continue;
    }
    const known = zips.get(zip);
    const line = known ?? { id: zip.id, zip, members: [], leftOut: [] };
    if (!known) {
      zips.set(zip, line);
      lines.push(line);
    }
    (isLeftOut ? line.leftOut : line.members).push(row);
  }
  return lines.flatMap((line) => (isZipRow(line) && isOpen(line.zip) ? [line, ...line.members] : [line]));
}

/** The state of a zip is that of whichever of its files needs somebody, or is not through. */
const FIRST_SAID: readonly Fate[] = ['retrying', 'sending', 'waiting', 'failed', 'refused', 'stored', 'skipped'];

export const fateOfZip = ({ members }: ZipRow): Fate => FIRST_SAID.find((fate) => members.some((row) => row.fate === fate)) ?? 'skipped';

export const bytesOf = (rows: readonly Row[]): number => rows.reduce((sum, { content }) => sum + content.bytes, 0);

export const sentBytesOf = (rows: readonly Row[]): number => rows.reduce((sum, { content, sent }) => sum + Math.min(sent, content.bytes), 0);

/** How many files of a zip are stored, what else was said of them, and what is left out and why. */
export function saidOfZip({ members, leftOut }: ZipRow): string {
  const count = (...fates: Fate[]) => members.filter(({ fate }) => fates.includes(fate)).length;
  const notStored = count('refused', 'failed');
  return sentences([
    `${count('stored')} of ${members.length} stored`,
    notStored > 0 ? `${notStored} not stored` : '',
    ...members.filter(({ fate }) => fate !== 'waiting').map(({ message }) => message),
    leftOut.length > 0 ? `${leftOut.length} left out: ${counted(leftOut.map((row) => reasonOf(row).replace(/\.$/, '')))}` : '',
  ]);
}

/** Each once, with its number where it came more than once: `Patient P2 (3), Modality MR`. */
export function counted(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => (count > 1 ? `${word} (${count})` : word)).join(', ');
}

/** What speaks against files; each is compared once. */
export function comparedWith(order: OrderFacts): (row: Row) => string[] {
  const known = new WeakMap<FileFacts, string[]>();
  return ({ facts }) => {
    if (!facts) return [];
    const words = known.get(facts) ?? mismatch(facts, order);
    known.set(facts, words);
    return words;
  };
}

const personKey = ({ patientName, patientId }: Header): string => `${patientName} ${patientId}`;

/** Whom files are of. */
export function patientsIn(rows: readonly Row[]): Header[] {
  const headers = rows.flatMap(({ facts }) => facts?.header ?? []);
  return [...new Map(headers.map((header) => [personKey(header), header])).values()];
}

/** What speaks against files, so that nobody reads the birth date of one person as that of another. */
export function differencesByPerson(rows: readonly Row[], against: (row: Row) => string[]): Array<{ person: string; differences: string }> {
  return patientsIn(rows).map((patient) => ({
    person: personName(patient.patientName) || 'Without a name',
    differences: counted(rows.filter(({ facts }) => facts?.header && personKey(facts.header) === personKey(patient)).flatMap(against)),
  }));
}

const byPath = new Intl.Collator('en', { numeric: true });

/** As a person counts: a browser gives the files of a folder in the order in which the disk has them. */
export function inOrder(rows: readonly Row[]): Row[] {
  return [...rows].sort((one, other) => byPath.compare(one.content.path, other.content.path));
}
