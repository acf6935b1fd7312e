/** Files for the tests of this folder: an instance, and zips as they should be or should not. */
import { crc32, deflateRawSync } from 'node:zlib';

export const text = (content: string) => new TextEncoder().encode(content);

/** 128 bytes and DICM (PS3.10 section 7.1). */
export function preamble(): Uint8Array<ArrayBuffer> {
  const head = new Uint8Array(132);
  head.set([0x44, 0x49, 0x43, 0x4d], 128);
  return head;
}

/** A little-endian instance with explicit value representations, up to its pixel data. */
export function instance({ patientId = 'P1', charset = '', patientName = text('Doe^Jane') }: { patientId?: string; charset?: string; patientName?: Uint8Array }): Uint8Array<ArrayBuffer> {
  const element = (group: number, number: number, vr: string, value: string | Uint8Array) => {
    const content = Buffer.from(value as string);
    const even = content.length % 2 === 0 ? content : Buffer.concat([content, text(' ')]);
    const bytes = Buffer.alloc(8);
    bytes.writeUInt16LE(group, 0);
    bytes.writeUInt16LE(number, 2);
    bytes.write(vr, 4, 'latin1');
    bytes.writeUInt16LE(even.length, 6);
    return Buffer.concat([bytes, even]);
  };
  const meta = element(0x0002, 0x0010, 'UI', '1.2.840.10008.1.2.1\0');
  const length = Buffer.from([2, 0, 0, 0, 0x55, 0x4c, 4, 0, meta.length, 0, 0, 0]);
  const elements = [
    element(0x0008, 0x0005, 'CS', charset),
    element(0x0008, 0x0060, 'CS', 'CT'),
    element(0x0010, 0x0010, 'PN', patientName),
    element(0x0010, 0x0020, 'LO', patientId),
    element(0x0010, 0x0030, 'DA', '19800517'),
    element(0x0020, 0x0013, 'IS', '12'),
  ];
  return new Uint8Array(Buffer.concat([preamble(), length, meta, ...elements]));
}

interface Lies {
  isDeflated?: boolean;
  flags?: number;
  /** Of each member, what the directory says in place of the truth. */
  bytes?: number;
  checksum?: number;
  mode?: number;
  /** All members lie where the first one does. */
  isOverlapping?: boolean;
}

export function zipOf(files: Record<string, Uint8Array> | Array<[string, Uint8Array]>, { isDeflated = true, flags = 0, bytes, checksum, mode = 0, isOverlapping = false }: Lies = {}): File {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Array.isArray(files) ? files : Object.entries(files)) {
    const packed = isDeflated ? deflateRawSync(content) : Buffer.from(content);
    const [local, entry] = [Buffer.alloc(30), Buffer.alloc(46)];
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(flags, 8);
    entry.writeUInt16LE(isDeflated ? 8 : 0, 10);
    entry.writeUInt32LE(checksum ?? crc32(content), 16);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt32LE(bytes ?? content.length, 24);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt16LE(mode, 40);
    entry.writeUInt32LE(isOverlapping ? 0 : offset, 42);
    if (!isOverlapping || locals.length === 0) locals.push(local, Buffer.from(name), packed);
    directory.push(entry, Buffer.from(name));
    offset = Buffer.concat(locals.slice(-3)).length + (isOverlapping ? 0 : offset);
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return new File([Buffer.concat([...locals, ...directory, end])], 'images.zip');
}
