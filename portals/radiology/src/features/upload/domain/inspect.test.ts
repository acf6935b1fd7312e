// @vitest-environment node
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { inspect, kindOf, lookedInto, mismatch, patientsIn } from './inspect';

const order = { modality: 'CT' as const, accessionNumber: 'A1', patient: { mrn: 'P1', birthDate: '1980-05-17' } };
const empty = { patientName: '', seriesDescription: '', instanceNumber: '' };
const saying = (facts: object) => ({ kind: 'dicom' as const, headers: [{ ...empty, ...facts }] });
const dicom = () => {
  const head = new Uint8Array(132);
  head.set([0x44, 0x49, 0x43, 0x4d], 128);
  return head;
};

const text = (content: string) => new TextEncoder().encode(content);

describe('a file', () => {
  it('is known by its content, not by its name', () => {
    expect([dicom(), text('\x08\x00\x05\x00CS'), text('\x02\x00\x00\x00UL'), new Uint8Array([0xff, 0xd8]), text('PK')].map(kindOf)).toEqual(['dicom', 'dicom', 'dicom', 'picture', 'zip']);
  });

  it('that is none of ours is told apart, and speaks against nobody', async () => {
    const facts = await inspect(new File(['Patient was late.'], 'notes.txt'));

    expect(facts.kind).toBe('other');
    expect(mismatch(facts, order)).toEqual([]);
  });

  it('that fits says nothing', () => {
    expect(mismatch(saying({ patientId: ' p1', modality: 'CT', accessionNumber: 'a1' }), order)).toEqual([]);
  });

  it('of another patient is told before it is sent', () => {
    expect(mismatch(saying({ patientId: 'P2', patientBirthDate: '1981-05-17', modality: 'MR' }), order)).toEqual(['Patient P2', 'Born 17 May 1981', 'Modality MR']);
  });

  it('that tells nothing is left to the server', () => {
    expect(mismatch({ kind: 'dicom', headers: [] }, order)).toEqual([]);
  });

  it('that accompanies images may have a modality of its own', () => {
    expect(mismatch(saying({ modality: 'SR' }), order)).toEqual([]);
  });

  it('names its patient in the characters that it says it is written in', async () => {
    const name = async (charset: string, patientName: Uint8Array) => (await inspect(new File([instance({ charset, patientName })], 'a'))).headers[0]?.patientName;

    expect(await name('ISO_IR 192', text('Müller^Žofie'))).toBe('Müller^Žofie');
    expect(await name('ISO_IR 100', Buffer.from('Müller^Jörg', 'latin1'))).toBe('Müller^Jörg');
    expect(await name('ISO_IR 144', new Uint8Array([0xb8, 0xd2, 0xd0, 0xdd]))).toBe('Иван');
    expect(await name('\\ISO 2022 IR 87', text('Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B'))).toBe('Yamada^Tarou=山田^太郎');
    expect(await name('unheard of', text('Doe^Jane'))).toBe('Doe^Jane');
  });

  it('that the browser may not read is told apart, and holds up no other', async () => {
    const gone = new File(['x'], 'gone');
    gone.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) }) as unknown as Blob;

    expect(await inspect(gone)).toEqual({ kind: 'unreadable', headers: [] });
  });

  it('is read as far as it goes', async () => {
    const whole = instance({ patientId: 'P1' });

    const { headers } = await inspect(new File([whole.slice(0, whole.length - 3)], 'cut.dcm'));

    expect(headers).toMatchObject([{ patientId: 'P1', patientBirthDate: '1980-05-17', modality: 'CT' }]);
  });
});

describe('a zip', () => {
  it('is looked into: each patient in it is told', async () => {
    const facts = await inspect(zipOf({ 'a/1': instance({ patientId: 'P1' }), 'a/2': instance({ patientId: 'P1' }), 'b/1': instance({ patientId: 'P2' }) }));

    expect(patientsIn(facts).map(({ patientId }) => patientId)).toEqual(['P1', 'P2']);
    expect(mismatch(facts, order)).toEqual(['Patient P2']);
    expect(lookedInto(facts)).toBe('3 files, all looked into');
  });

  it('may hold its files as they are', async () => {
    expect(mismatch(await inspect(zipOf({ a: instance({ patientId: 'P2' }) }, { isDeflated: false })), order)).toEqual(['Patient P2']);
  });

  it('may hold what the server leaves out, or what is no image', async () => {
    const facts = await inspect(zipOf({ DICOMDIR: instance({ patientId: 'P2' }), '__MACOSX/a': text('x'), 'disc/.hidden': text('x'), 'disc/readme.txt': text('x') }));

    expect(facts).toEqual({ kind: 'zip', headers: [], members: { count: 1, read: 1 } });
  });

  it('with more files than can be looked into at once is looked into from its first to its last', async () => {
    const own = instance({ patientId: 'P1' });
    const files = Object.fromEntries(Array.from({ length: 401 }, (_, index) => [String(index), own]));

    const facts = await inspect(zipOf({ ...files, last: instance({ patientId: 'P2' }) }));

    expect(mismatch(facts, order)).toEqual(['Patient P2']);
    expect(lookedInto(facts)).toBe('200 of 402 files looked into');
  });

  it('that is damaged or protected is said to be unread', async () => {
    const good = zipOf({ a: instance({ patientId: 'P2' }) });

    expect(lookedInto(await inspect(new File([good.slice(0, good.size - 30)], 'cut.zip')))).toBe('Not looked into');
    expect(lookedInto(await inspect(zipOf({ a: instance({ patientId: 'P2' }) }, { flags: 1 })))).toBe('Not looked into');
  });
});

/** A little-endian instance with explicit value representations, up to its pixel data. */
function instance({ patientId = 'P1', charset = '', patientName = text('Doe^Jane') }: { patientId?: string; charset?: string; patientName?: Uint8Array }): Uint8Array<ArrayBuffer> {
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
  return new Uint8Array(Buffer.concat([dicom(), length, meta, ...elements]));
}

function zipOf(files: Record<string, Uint8Array>, { isDeflated = true, flags = 0 } = {}): File {
  const locals: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, content] of Object.entries(files)) {
    const packed = isDeflated ? deflateRawSync(content) : Buffer.from(content);
    const [local, entry] = [Buffer.alloc(30), Buffer.alloc(46)];
    local.writeUInt32LE(0x04034b50, 0);
    local.writeUInt16LE(name.length, 26);
    entry.writeUInt32LE(0x02014b50, 0);
    entry.writeUInt16LE(flags, 8);
    entry.writeUInt16LE(isDeflated ? 8 : 0, 10);
    entry.writeUInt32LE(packed.length, 20);
    entry.writeUInt16LE(name.length, 28);
    entry.writeUInt32LE(offset, 42);
    locals.push(local, Buffer.from(name), packed);
    directory.push(entry, Buffer.from(name));
    offset += local.length + name.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.writeUInt32LE(0x06054b50, 0);
  end.writeUInt32LE(Buffer.concat(directory).length, 12);
  end.writeUInt32LE(offset, 16);
  return new File([Buffer.concat([...locals, ...directory, end])], 'images.zip');
}
