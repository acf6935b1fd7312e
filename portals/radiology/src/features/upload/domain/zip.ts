/**
 * Opens a zip in the browser: its directory, and one member at a time (PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and
 * 4.3.16). What must stay true: never more comes out of a member than the directory says, and nothing that its checksum
 * does not confirm. Zip64, encrypted and outsized archives are left to the server.
 */
export interface ZipMember {
  name: string;
  isDeflated: boolean;
  isLink: boolean;
  compressedBytes: number;
  bytes: number;
  crc32: number;
  offset: number;
}

/** The archive says other than what is in it. */
export class DamagedMember extends Error {}

const END = { signature: 0x06054b50, bytes: 22, longestComment: 0xffff };
const ENTRY = { signature: 0x02014b50, bytes: 46 };
const LOCAL = { signature: 0x04034b50, bytes: 30 };
const ZIP64 = 0xffffffff;
const ENCRYPTED = 1;
const [STORED, DEFLATED] = [0, 8];
/** The type of a file in the mode that Unix keeps of it. */
const [MODE_TYPE, MODE_LINK] = [0xf000, 0xa000];
/** How much may come out of one archive: the server's limits (`services/dicom/archive.py`). */
const MOST = { members: 20_000, listedBytes: 512, nameCharacters: 1024, memberBytes: 2 ** 31, totalBytes: 20 * 2 ** 30, ratio: 200, ratioFreeBytes: 2 ** 20 };

/** The files of an archive, as its directory lists them; null when it is none that is opened here. */
export async function zipMembers(archive: Blob): Promise<ZipMember[] | null> {
  const tail = view(await archive.slice(-(END.bytes + END.longestComment)).arrayBuffer());
  let at = tail.byteLength - END.bytes;
  while (at >= 0 && tail.getUint32(at, true) !== END.signature) at -= 1;
  if (at < 0) return null;
  const [bytes, offset] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
  if (bytes > MOST.members * MOST.listedBytes) return null;
  const directory = view(await archive.slice(offset, offset + bytes).arrayBuffer());
  const members = directory.byteLength === bytes ? entries(directory) : null;
  return members && isWithinLimits(members, archive.size) ? members : null;
}

function entries(directory: DataView<ArrayBuffer>): ZipMember[] | null {
  const members: ZipMember[] = [];
  for (let at = 0; at < directory.byteLength; ) {
    if (at + ENTRY.bytes > directory.byteLength || directory.getUint32(at, true) !== ENTRY.signature) return null;
    const short = (place: number) => directory.getUint16(at + place, true);
    const long = (place: number) => directory.getUint32(at + place, true);
    const [method, nameBytes] = [short(10), short(28)];
    const [compressedBytes, bytes, offset] = [long(20), long(24), long(42)];
    const isReadable = (short(8) & ENCRYPTED) === 0 && (method === STORED || method === DEFLATED) && ![compressedBytes, bytes, offset].includes(ZIP64);
    if (!isReadable) return null;
    const name = new TextDecoder().decode(new Uint8Array(directory.buffer, at + ENTRY.bytes, Math.min(nameBytes, directory.byteLength - at - ENTRY.bytes)));
    const isLink = (short(40) & MODE_TYPE) === MODE_LINK;
    if (!name.endsWith('/')) members.push({ name: name.slice(0, MOST.nameCharacters), isDeflated: method === DEFLATED, isLink, compressedBytes, bytes, crc32: long(16), offset });
    at += ENTRY.bytes + nameBytes + short(30) + short(32);
  }
  return members;
}

/** Members that share their bytes are more, packed, than the archive has. */
function isWithinLimits(members: readonly ZipMember[], archiveBytes: number): boolean {
  const sum = (of: (member: ZipMember) => number) => members.reduce((total, member) => total + of(member), 0);
  const isModest = ({ bytes, compressedBytes }: ZipMember) => bytes <= Math.min(MOST.memberBytes, Math.max(MOST.ratioFreeBytes, compressedBytes * MOST.ratio));
  return members.length <= MOST.members && members.every(isModest) && sum(({ bytes }) => bytes) <= MOST.totalBytes && sum(({ compressedBytes }) => compressedBytes) <= archiveBytes;
}

/** The first bytes of a member; no more of it is unpacked. */
export async function beginningOf(archive: Blob, member: ZipMember, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const packed = await packedOf(archive, member);
  if (!member.isDeflated) return new Uint8Array(await packed.slice(0, bytes).arrayBuffer());
  return firstOf(packed.stream().pipeThrough(new DecompressionStream('deflate-raw')), Math.min(bytes, member.bytes)).catch(damageOf(archive));
}

/** A whole member. It streams into a blob, which the browser may keep on disk. */
export async function unpacked(archive: Blob, member: ZipMember, signal: AbortSignal): Promise<Blob> {
  const packed = await packedOf(archive, member);
  const content = member.isDeflated ? packed.stream().pipeThrough(new DecompressionStream('deflate-raw'), { signal }) : packed.stream();
  const isVerified = content.pipeThrough(verified(member), { signal });
  // What was packed as it is, is sent from where it lies.
  const whole = member.isDeflated ? new Response(isVerified).blob() : isVerified.pipeTo(new WritableStream(), { signal }).then(() => packed);
  return whole.catch(damageOf(archive, signal));
}

async function packedOf(archive: Blob, { name, offset, compressedBytes }: ZipMember): Promise<Blob> {
  const local = view(await archive.slice(offset, offset + LOCAL.bytes).arrayBuffer());
  if (local.byteLength < LOCAL.bytes || local.getUint32(0, true) !== LOCAL.signature) throw new DamagedMember(name);
  const start = offset + LOCAL.bytes + local.getUint16(26, true) + local.getUint16(28, true);
  const packed = archive.slice(start, start + compressedBytes);
  if (packed.size < compressedBytes) throw new DamagedMember(name);
  return packed;
}

/** Streams do not tell why they end: a browser that is stopped, or that may not read the archive any more, is no damage. */
function damageOf(archive: Blob, signal?: AbortSignal): () => Promise<never> {
  return async () => {
    signal?.throwIfAborted();
    await archive.slice(0, 1).arrayBuffer();
    throw new DamagedMember();
  };
}

function verified({ bytes, crc32: expected }: ZipMember): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let [left, crc] = [bytes, 0];
  return new TransformStream({
    transform(piece, controller) {
      left -= piece.length;
      if (left < 0) throw new DamagedMember();
      crc = crc32(piece, crc);
      controller.enqueue(piece);
    },
    flush() {
      if (left > 0 || crc !== expected) throw new DamagedMember();
    },
  });
}

const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => Array.from({ length: 8 }).reduce<number>((rest) => (rest & 1 ? 0xedb88320 : 0) ^ (rest >>> 1), byte));

/** Of all bytes up to the end of this piece (APPNOTE 4.4.7). */
function crc32(piece: Uint8Array, before: number): number {
  let crc = ~before;
  for (const byte of piece) crc = (CRC_TABLE[(crc ^ byte) & 0xff] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}

async function firstOf(stream: ReadableStream<Uint8Array>, bytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const reader = stream.getReader();
  const beginning = new Uint8Array(bytes);
  let length = 0;
  while (length < bytes) {
    const { done, value } = await reader.read();
    if (done) break;
    const part = value.subarray(0, bytes - length);
    beginning.set(part, length);
    length += part.length;
  }
  await reader.cancel();
  return beginning.subarray(0, length);
}

const view = (buffer: ArrayBuffer) => new DataView(buffer);
