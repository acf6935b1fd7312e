/**
 * Reads the beginning of files in a zip without unpacking it (PKWARE's APPNOTE, sections 4.3.7, 4.3.12 and 4.3.16).
 * Zip64 and encrypted archives are left to the server.
 */
export interface ZipMember {
  name: string;
  isDeflated: boolean;
  compressedBytes: number;
  offset: number;
}

const END = { signature: 0x06054b50, bytes: 22, longestComment: 0xffff };
const ENTRY = { signature: 0x02014b50, bytes: 46 };
const LOCAL_BYTES = 30;
const ZIP64 = 0xffffffff;
const ENCRYPTED = 1;
const [STORED, DEFLATED] = [0, 8];

/** The files of an archive, as its directory lists them; null when it is none that is read here. */
export async function zipMembers(archive: Blob): Promise<ZipMember[] | null> {
  const tail = view(await archive.slice(-(END.bytes + END.longestComment)).arrayBuffer());
  let at = tail.byteLength - END.bytes;
  while (at >= 0 && tail.getUint32(at, true) !== END.signature) at -= 1;
  if (at < 0) return null;
  const [bytes, offset] = [tail.getUint32(at + 12, true), tail.getUint32(at + 16, true)];
  const directory = view(await archive.slice(offset, offset + bytes).arrayBuffer());
  return directory.byteLength === bytes ? entries(directory) : null;
}

function entries(directory: DataView<ArrayBuffer>): ZipMember[] | null {
  const members: ZipMember[] = [];
  for (let at = 0; at < directory.byteLength; ) {
    if (at + ENTRY.bytes > directory.byteLength || directory.getUint32(at, true) !== ENTRY.signature) return null;
    const short = (place: number) => directory.getUint16(at + place, true);
    const [method, nameBytes] = [short(10), short(28)];
    const [compressedBytes, offset] = [directory.getUint32(at + 20, true), directory.getUint32(at + 42, true)];
    const isReadable = (short(8) & ENCRYPTED) === 0 && (method === STORED || method === DEFLATED) && compressedBytes !== ZIP64 && offset !== ZIP64;
    if (!isReadable) return null;
    const name = new TextDecoder().decode(new Uint8Array(directory.buffer, at + ENTRY.bytes, Math.min(nameBytes, directory.byteLength - at - ENTRY.bytes)));
    if (!name.endsWith('/')) members.push({ name, isDeflated: method === DEFLATED, compressedBytes, offset });
    at += ENTRY.bytes + nameBytes + short(30) + short(32);
  }
  return members;
}

/** The first bytes of a member; no more of it is unpacked. */
export async function beginningOf(archive: Blob, { offset, isDeflated, compressedBytes }: ZipMember, bytes: number): Promise<Uint8Array> {
  const local = view(await archive.slice(offset, offset + LOCAL_BYTES).arrayBuffer());
  const start = offset + LOCAL_BYTES + local.getUint16(26, true) + local.getUint16(28, true);
  const packed = archive.slice(start, start + compressedBytes);
  if (!isDeflated) return new Uint8Array(await packed.slice(0, bytes).arrayBuffer());
  return firstOf(packed.stream().pipeThrough(new DecompressionStream('deflate-raw')), bytes);
}

async function firstOf(stream: ReadableStream<Uint8Array>, bytes: number): Promise<Uint8Array> {
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
