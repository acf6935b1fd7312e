/**
 * What the page may send: a file, or one in a zip. A zip is opened here, so that each file in it has an answer of its
 * own and a broken line costs one of them, never the archive.
 */
import type { ZipMember } from './zip';
import { beginningOf, unpacked, zipMembers } from './zip';

export interface Content {
  path: string;
  bytes: number;
  /** Tells it from another that begins alike: when it was written, or its checksum. */
  mark: string;
  /** The zip that it is in. */
  zip: Zip | null;
  /** Why it is not sent, as far as its place tells; empty when it may be. */
  leftOut: string;
  beginning: () => Promise<Uint8Array<ArrayBuffer>>;
  /** The files of a zip; null of what is none, and of a zip that is for the server to open, or to refuse. */
  members: () => Promise<Content[] | null>;
  /** Rejects with a DOMException when the browser may not read it any more, and with DamagedMember. */
  open: (signal: AbortSignal) => Promise<File>;
}

export interface Zip {
  id: string;
  path: string;
  bytes: number;
}

/** Headers of instances lie well within this; pixel data is not read. */
const HEADER_BYTES = 512 * 1024;
/** Of a member of a zip: patient, study and series stand at its beginning. */
const MEMBER_BYTES = 64 * 1024;

/** The library that takes what is dropped notes the path in the folder; the button for folders has the browser do so. */
const pathOf = (file: File & { path?: string }): string => (file.webkitRelativePath || file.path || file.name).replace(/^\.?\//, '');

export function contentOfFile(file: File): Content {
  const path = pathOf(file);
  return {
    path,
    bytes: file.size,
    mark: String(file.lastModified),
    zip: null,
    leftOut: isDirectory(path) ? A_LIST : '',
    beginning: async () => new Uint8Array(await file.slice(0, HEADER_BYTES).arrayBuffer()),
    members: () => contentsOfZip(file),
    open: async () => {
      // A request whose file cannot be read fails like a broken line: here it says which.
      await file.slice(0, 1).arrayBuffer();
      return file;
    },
  };
}

async function contentsOfZip(archive: File): Promise<Content[] | null> {
  const members = await zipMembers(archive);
  if (!members || members.length === 0) return null;
  const zip = { id: crypto.randomUUID(), path: pathOf(archive), bytes: archive.size };
  return members.map((member) => contentOfMember(archive, zip, member));
}

function contentOfMember(archive: File, zip: Zip, member: ZipMember): Content {
  return {
    path: member.name,
    bytes: member.bytes,
    mark: String(member.crc32),
    zip,
    leftOut: whyLeftOut(member),
    beginning: () => beginningOf(archive, member, MEMBER_BYTES),
    members: () => Promise.resolve(null),
    // Its name puts pages in order; its place says nothing to the server.
    open: async (signal) => new File([await unpacked(archive, member, signal)], member.name.split(/[\\/]/).at(-1) || 'unnamed'),
  };
}

const A_LIST = 'A DICOMDIR is a list of files, not an instance.';
const isDirectory = (path: string): boolean => /(^|[\\/])DICOMDIR$/i.test(path);

/** By the server's rules, in its words (`services/dicom/archive.py`). */
function whyLeftOut({ name, isLink }: ZipMember): string {
  const parts = name.replaceAll('\\', '/').split('/');
  if (parts.includes('..') || /^[\\/]/.test(name) || parts[0]?.includes(':')) return 'Its path leads out of the archive.';
  if (isLink) return 'It is a link, not a file.';
  if (isDirectory(name)) return A_LIST;
  if (parts.at(-1)?.startsWith('.') || parts.includes('__MACOSX')) return 'It belongs to the computer that made the archive.';
  return '';
}

