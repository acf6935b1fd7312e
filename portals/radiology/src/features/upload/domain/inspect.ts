/** Looks into a file before it is sent: what it is, and whether it belongs to the order. */
import type { ImageFacts, OrderFacts } from '@shared/matching/compare';
import { compareFacts } from '@shared/matching/compare';
import { calendarDate } from '@shared/viewer/study-listing';
import type { DataSet } from 'dicom-parser';
import { parseDicom } from 'dicom-parser';
import { decoded } from './charset';
import { beginningOf, zipMembers } from './zip';

export type FileKind = 'dicom' | 'zip' | 'picture' | 'other' | 'unreadable';

export interface Header extends ImageFacts {
  patientName: string;
  seriesDescription: string;
  instanceNumber: string;
}

export interface FileFacts {
  kind: FileKind;
  /** What the DICOM file says; of a zip one for each patient, modality and accession number that was found in it. */
  headers: Header[];
  /** Of a zip that could be read: how many files it holds, and into how many of them was looked. */
  members?: { count: number; read: number };
}

/** Headers of instances lie well within this; pixel data is not read. */
const HEADER_BYTES = 512 * 1024;
/** Of a member of a zip: patient, study and series stand at its beginning. */
const MEMBER_BYTES = 64 * 1024;
/** So many members of a zip are looked into, from its first to its last. */
const MOST_MEMBERS = 200;
const PREAMBLE = 128;

/** What the content says a file is, as the server will see it; what is `other` it would refuse. */
export function kindOf(head: Uint8Array): FileKind {
  const magic = String.fromCharCode(...head.slice(PREAMBLE, PREAMBLE + 4));
  if (magic === 'DICM' || looksLikeDataSet(head)) return 'dicom';
  if (head[0] === 0x50 && head[1] === 0x4b) return 'zip';
  if ((head[0] === 0xff && head[1] === 0xd8) || (head[0] === 0x89 && head[1] === 0x50)) return 'picture';
  return 'other';
}

/** A DICOM file without a preamble begins with an element of group 0002 or 0008. */
function looksLikeDataSet(head: Uint8Array): boolean {
  const [group, groupHigh, element, elementHigh, first = 0, second = 0, third, fourth] = head;
  const vr = String.fromCharCode(first, second);
  if (group === 2) return groupHigh === 0 && element === 0 && elementHigh === 0 && vr === 'UL';
  return group === 8 && groupHigh === 0 && elementHigh === 0 && (/^[A-Z]{2}$/.test(vr) || (third === 0 && fourth === 0));
}

/** Facts of one file. A DICOM file that cannot be parsed is still sent: the server decides. */
export async function inspect(file: File): Promise<FileFacts> {
  try {
    return await lookInto(file);
  } catch (error) {
    // Moved away since it was chosen, or without a right to read it: the browser cannot send it either.
    if (error instanceof DOMException) return { kind: 'unreadable', headers: [] };
    throw error;
  }
}

async function lookInto(file: File): Promise<FileFacts> {
  const head = new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer());
  const kind = kindOf(head);
  if (kind === 'zip') return inspectZip(file);
  return { kind, headers: kind === 'dicom' ? headersOf(head) : [] };
}

async function inspectZip(archive: File): Promise<FileFacts> {
  const members = (await zipMembers(archive))?.filter(({ name }) => !isLeftOut(name));
  if (!members) return { kind: 'zip', headers: [] };
  const found = new Map<string, Header>();
  let read = 0;
  for (const member of spread(members, MOST_MEMBERS)) {
    const head = await beginningOf(archive, member, MEMBER_BYTES).catch(() => null);
    if (!head) continue;
    read += 1;
    if (kindOf(head) !== 'dicom') continue;
    for (const header of headersOf(head)) found.set(JSON.stringify([header.patientId, header.issuerOfPatientId, header.patientBirthDate, header.modality, header.accessionNumber]), header);
  }
  return { kind: 'zip', headers: [...found.values()], members: { count: members.length, read } };
}

/** What the server skips in an archive: the list of a disc, and what the computer that packed it adds. */
const isLeftOut = (path: string): boolean => path.includes('__MACOSX') || /(^|\/)(\.[^/]*|DICOMDIR)$/i.test(path);

/** So many of them at the most, the first and the last among them. */
function spread<Item>(items: readonly Item[], most: number): Item[] {
  if (items.length <= most) return [...items];
  return Array.from({ length: most }, (_, index) => items[Math.round((index * (items.length - 1)) / (most - 1))] as Item);
}

function headersOf(head: Uint8Array): Header[] {
  const header = dataSetOf(head);
  if (!header) return [];
  const charset = header.string('x00080005') ?? '';
  const text = (tag: string) => {
    const element = header.elements[tag];
    if (!element) return '';
    const bytes = header.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
    return decoded(bytes, charset).replaceAll('\0', '').trim();
  };
  return [
    {
      patientId: text('x00100020'),
      issuerOfPatientId: text('x00100021'),
      patientName: text('x00100010'),
      patientBirthDate: isoDate(text('x00100030')),
      modality: text('x00080060'),
      seriesDescription: text('x0008103e'),
      instanceNumber: text('x00200013'),
      accessionNumber: text('x00080050'),
    },
  ];
}

/** Of a file that ends too early, as one of which only the beginning is read, what stands before the end. */
function dataSetOf(head: Uint8Array): DataSet | undefined {
  try {
    return parseDicom(head, { untilTag: 'x7fe00010' });
  } catch (error) {
    return (error as { dataSet?: DataSet }).dataSet;
  }
}

/** DA is YYYYMMDD (PS3.5 section 6.2); null when it is no date. */
function isoDate(da: string): string | null {
  const date = `${da.slice(0, 4)}-${da.slice(4, 6)}-${da.slice(6)}`;
  return /^\d{8}$/.test(da) && !Number.isNaN(Date.parse(date)) ? date : null;
}

/** What speaks against a file, as words; empty when it fits or tells nothing. */
export function mismatch({ headers }: FileFacts, order: OrderFacts): string[] {
  return [...new Set(headers.flatMap((header) => compareFacts(header, order).flatMap(({ what, agrees }) => (agrees ? [] : [WORDS[what](header)]))))];
}

const WORDS = {
  patient: ({ patientId }: Header) => `Patient ${patientId}`,
  issuer: ({ issuerOfPatientId }: Header) => `Number given by ${issuerOfPatientId}`,
  'birth date': ({ patientBirthDate }: Header) => `Born ${calendarDate(patientBirthDate ?? '')}`,
  modality: ({ modality }: Header) => `Modality ${modality}`,
  accession: ({ accessionNumber }: Header) => `Accession ${accessionNumber}`,
};

/** Whom the file, or the files of a zip, are of. */
export const patientsIn = ({ headers }: FileFacts): Header[] => [...new Map(headers.map((header) => [`${header.patientName} ${header.patientId}`, header])).values()];

/** How far a zip was looked into; empty for what is none. */
export function lookedInto({ kind, members }: FileFacts): string {
  if (kind !== 'zip') return '';
  if (!members || members.read === 0) return 'Not looked into';
  return members.read < members.count ? `${members.read} of ${members.count} files looked into` : `${members.count} ${members.count === 1 ? 'file' : 'files'}, all looked into`;
}
