/** Looks into a file before it is sent: what it is, and whether it belongs to the order. */
import type { ImageFacts, OrderFacts } from '@shared/matching/compare';
import { compareFacts } from '@shared/matching/compare';
import { calendarDate } from '@shared/viewer/study-listing';
import type { DataSet } from 'dicom-parser';
import { parseDicom } from 'dicom-parser';
import { decoded } from './charset';
import type { Content } from './contents';
import { DamagedMember } from './zip';

export type FileKind = 'dicom' | 'zip' | 'picture' | 'other' | 'unreadable' | 'damaged';

export interface Header extends ImageFacts {
  patientName: string;
  seriesDescription: string;
  instanceNumber: string;
}

export interface FileFacts {
  kind: FileKind;
  /** What a DICOM file says, as far as it can be read. */
  header: Header | null;
  /** Of a DICOM file, that it is the same again. */
  digest: string;
  /** Of a zip that is opened here, its files; they are sent in its place. */
  members: Content[] | null;
}

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
export async function inspect(content: Content): Promise<FileFacts> {
  try {
    return await lookInto(content);
  } catch (error) {
    // Moved away since it was chosen, or without a right to read it: the browser cannot send it either.
    if (error instanceof DOMException) return { ...NOTHING, kind: 'unreadable' };
    if (error instanceof DamagedMember) return { ...NOTHING, kind: 'damaged' };
    throw error;
  }
}

async function lookInto(content: Content): Promise<FileFacts> {
  const head = await content.beginning();
  const kind = kindOf(head);
  if (kind === 'zip') return { ...NOTHING, kind, members: await content.members() };
  return kind === 'dicom' ? { ...NOTHING, kind, header: headerOf(head), digest: await digestOf(content, head) } : { ...NOTHING, kind };
}

const NOTHING = { header: null, digest: '', members: null };

/** 132 bits of SHA-256. An instance ends within the beginning, as a rule; of a longer one its time or checksum speaks for the rest. */
async function digestOf({ bytes, mark }: Content, head: Uint8Array<ArrayBuffer>): Promise<string> {
  const said = await new Blob([`${bytes} ${mark} `, head]).arrayBuffer();
  return btoa(String.fromCharCode(...new Uint8Array(await crypto.subtle.digest('SHA-256', said)))).slice(0, 22);
}

const LEFT_OUT: Partial<Record<FileKind, string>> = {
  other: 'Neither DICOM nor a picture.',
  unreadable: 'It cannot be read: moved since, or without a right to it.',
  damaged: 'It is damaged in the zip.',
};

/** Why a file is not sent; empty when it is, or while that is not known. */
export function whyLeftOut({ leftOut, zip }: Content, facts: FileFacts | null): string {
  if (leftOut || !facts) return leftOut;
  return zip && facts.kind === 'zip' ? 'An archive inside an archive is not opened.' : (LEFT_OUT[facts.kind] ?? '');
}

function headerOf(head: Uint8Array): Header | null {
  const header = dataSetOf(head);
  if (!header) return null;
  const charset = header.string('x00080005') ?? '';
  const text = (tag: string) => {
    const element = header.elements[tag];
    if (!element) return '';
    const bytes = header.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
    return decoded(bytes, charset).replaceAll('\0', '').trim();
  };
  return {
    patientId: text('x00100020'),
    issuerOfPatientId: text('x00100021'),
    patientName: text('x00100010'),
    patientBirthDate: isoDate(text('x00100030')),
    modality: text('x00080060'),
    seriesDescription: text('x0008103e'),
    instanceNumber: text('x00200013'),
    accessionNumber: text('x00080050'),
  };
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
export function mismatch({ header }: FileFacts, order: OrderFacts): string[] {
  return header ? compareFacts(header, order).flatMap(({ what, agrees }) => (agrees ? [] : [WORDS[what](header)])) : [];
}

const WORDS = {
  patient: ({ patientId }: Header) => `Patient ${patientId}`,
  issuer: ({ issuerOfPatientId }: Header) => `Number given by ${issuerOfPatientId}`,
  'birth date': ({ patientBirthDate }: Header) => `Born ${calendarDate(patientBirthDate ?? '')}`,
  modality: ({ modality }: Header) => `Modality ${modality}`,
  accession: ({ accessionNumber }: Header) => `Accession ${accessionNumber}`,
};
