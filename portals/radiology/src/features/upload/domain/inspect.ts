/** Looks into a file before it is sent: what it is, and whether it belongs to the order. */
import type { Order } from '@shared/api/types';
import { parseDicom } from 'dicom-parser';

export type FileKind = 'dicom' | 'zip' | 'picture' | 'other';

export interface FileFacts {
  kind: FileKind;
  patientId?: string;
  patientName?: string;
  modality?: string;
  studyDescription?: string;
  seriesDescription?: string;
  instanceNumber?: string;
  accessionNumber?: string;
}

/** Headers of instances lie well within this; pixel data is not read. */
const HEADER_BYTES = 512 * 1024;
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
  const head = new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer());
  const kind = kindOf(head);
  if (kind !== 'dicom') return { kind };
  try {
    const header = parseDicom(head, { untilTag: 'x7fe00010' });
    const text = (tag: string) => header.string(tag)?.trim() ?? '';
    return {
      kind,
      patientId: text('x00100020'),
      patientName: text('x00100010'),
      modality: text('x00080060'),
      studyDescription: text('x00081030'),
      seriesDescription: text('x0008103e'),
      instanceNumber: text('x00200013'),
      accessionNumber: text('x00080050'),
    };
  } catch {
    return { kind };
  }
}

const DICOM: Record<string, readonly string[]> = { USG: ['US'], XRAY: ['CR', 'DX'], CT: ['CT'], MRI: ['MR'] };

/** What speaks against a file, as words; empty when it fits or tells nothing. */
export function mismatch(facts: FileFacts, order: Pick<Order, 'modality' | 'accessionNumber'> & { patient: Pick<Order['patient'], 'mrn'> }): string[] {
  if (facts.kind !== 'dicom') return [];
  return [
    facts.patientId && facts.patientId !== order.patient.mrn ? `Patient ${facts.patientId}` : '',
    facts.modality && !(DICOM[order.modality] ?? []).includes(facts.modality) ? `Modality ${facts.modality}` : '',
    facts.accessionNumber && facts.accessionNumber !== order.accessionNumber ? `Accession ${facts.accessionNumber}` : '',
  ].filter(Boolean);
}
