// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { contentOfFile } from './contents';
import type { FileFacts } from './inspect';
import { inspect, kindOf, mismatch, whyLeftOut } from './inspect';
import { instance, preamble, text, zipOf } from './sample-files';

const order = { modality: 'CT' as const, accessionNumber: 'A1', patient: { mrn: 'P1', birthDate: '1980-05-17' } };
const empty = { patientName: '', seriesDescription: '', instanceNumber: '' };
const saying = (facts: object): FileFacts => ({ kind: 'dicom', header: { ...empty, ...facts }, digest: '', members: null });
const look = (file: File) => inspect(contentOfFile(file));

describe('a file', () => {
  it('is known by its content, not by its name', () => {
    expect([preamble(), text('\x08\x00\x05\x00CS'), text('\x02\x00\x00\x00UL'), new Uint8Array([0xff, 0xd8]), text('PK')].map(kindOf)).toEqual(['dicom', 'dicom', 'dicom', 'picture', 'zip']);
  });

  it('that is none of ours is told apart, and speaks against nobody', async () => {
    const facts = await look(new File(['Patient was late.'], 'notes.txt'));

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
    expect(mismatch({ kind: 'dicom', header: null, digest: '', members: null }, order)).toEqual([]);
  });

  it('that accompanies images may have a modality of its own', () => {
    expect(mismatch(saying({ modality: 'SR' }), order)).toEqual([]);
  });

  it('names its patient in the characters that it says it is written in', async () => {
    const name = async (charset: string, patientName: Uint8Array) => (await look(new File([instance({ charset, patientName })], 'a'))).header?.patientName;

    expect(await name('ISO_IR 192', text('Müller^Žofie'))).toBe('Müller^Žofie');
    expect(await name('ISO_IR 100', Buffer.from('Müller^Jörg', 'latin1'))).toBe('Müller^Jörg');
    expect(await name('ISO_IR 144', new Uint8Array([0xb8, 0xd2, 0xd0, 0xdd]))).toBe('Иван');
    expect(await name('\\ISO 2022 IR 87', text('Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B'))).toBe('Yamada^Tarou=山田^太郎');
    expect(await name('unheard of', text('Doe^Jane'))).toBe('Doe^Jane');
  });

  it('that the browser may not read is told apart, and holds up no other', async () => {
    const gone = new File(['x'], 'gone');
    gone.slice = () => ({ arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) }) as unknown as Blob;

    const facts = await look(gone);

    expect(facts.kind).toBe('unreadable');
    expect(whyLeftOut(contentOfFile(gone), facts)).toBe('It cannot be read: moved since, or without a right to it.');
  });

  it('is read as far as it goes', async () => {
    const whole = instance({ patientId: 'P1' });

    const { header } = await look(new File([whole.slice(0, whole.length - 3)], 'cut.dcm'));

    expect(header).toMatchObject({ patientId: 'P1', patientBirthDate: '1980-05-17', modality: 'CT' });
  });

  it('that lists the others of a disc is left out', () => {
    expect(whyLeftOut(contentOfFile(new File([preamble()], 'DICOMDIR')), null)).toBe('A DICOMDIR is a list of files, not an instance.');
  });

  it('is known again by what is in it, wherever it lies, and no other is taken for it', async () => {
    const digest = async (name: string, content: Uint8Array<ArrayBuffer>) => (await look(new File([content], name, { lastModified: 1 }))).digest;

    expect(await digest('a', instance({ patientId: 'P1' }))).toBe(await digest('b', instance({ patientId: 'P1' })));
    expect(await digest('a', instance({ patientId: 'P1' }))).not.toBe(await digest('a', instance({ patientId: 'P2' })));
  });
});

describe('a zip', () => {
  const membersOf = async (zip: File) => (await look(zip)).members ?? [];

  it('is sent as its files, each with facts of its own', async () => {
    const members = await membersOf(zipOf({ 'a/1': instance({ patientId: 'P1' }), 'a/2': instance({ patientId: 'P1' }), 'b/1': instance({ patientId: 'P2' }) }));

    expect(members.map(({ path, zip }) => [zip?.path, path])).toEqual([['images.zip', 'a/1'], ['images.zip', 'a/2'], ['images.zip', 'b/1']]);
    expect((await Promise.all(members.map(inspect))).map((facts) => mismatch(facts, order))).toEqual([[], [], ['Patient P2']]);
  });

  it('leaves out what the server would, with its reason', async () => {
    const own = instance({});
    const packed = { DICOMDIR: own, '__MACOSX/a': own, 'disc/.hidden': own, '../../etc/passwd': own, '/etc/passwd': own, '..\\a': own, 'C:\\a': own, 'readme.txt': text('x'), 'inner.zip': text('PK\x03\x04'), good: own };
    const members = await membersOf(zipOf(packed));

    const reasons = await Promise.all(members.map(async (member) => [member.path, whyLeftOut(member, await inspect(member))]));

    expect(Object.fromEntries(reasons)).toEqual({
      DICOMDIR: 'A DICOMDIR is a list of files, not an instance.',
      '__MACOSX/a': 'It belongs to the computer that made the archive.',
      'disc/.hidden': 'It belongs to the computer that made the archive.',
      '../../etc/passwd': 'Its path leads out of the archive.',
      '/etc/passwd': 'Its path leads out of the archive.',
      '..\\a': 'Its path leads out of the archive.',
      'C:\\a': 'Its path leads out of the archive.',
      'readme.txt': 'Neither DICOM nor a picture.',
      'inner.zip': 'An archive inside an archive is not opened.',
      good: '',
    });
  });

  it('may have two files of one name: both are sent', async () => {
    const members = await membersOf(zipOf([['a', instance({ patientId: 'P1' })], ['a', instance({ patientId: 'P2' })]]));

    expect((await Promise.all(members.map(inspect))).map(({ header }) => header?.patientId)).toEqual(['P1', 'P2']);
  });

  it('keeps the name of a file, not its place', async () => {
    const [member] = await membersOf(zipOf({ 'scan/page-02.png': text('\x89PNG') }));

    expect((await member?.open(new AbortController().signal))?.name).toBe('page-02.png');
  });

  it('with a damaged file has that one told, and the others sent', async () => {
    const good = instance({});
    const whole = new Uint8Array(await zipOf({ a: good, b: good }).arrayBuffer());
    whole[Buffer.from(whole).indexOf('PK\x03\x04', 1)] = 0;
    const members = await membersOf(new File([whole], 'images.zip'));

    const reasons = await Promise.all(members.map(async (member) => whyLeftOut(member, await inspect(member))));

    expect(reasons).toEqual(['', 'It is damaged in the zip.']);
  });

  it('that cannot be opened here goes to the server as it is', async () => {
    const good = zipOf({ a: instance({}) });

    expect(await look(new File([good.slice(0, good.size - 30)], 'cut.zip'))).toMatchObject({ kind: 'zip', members: null });
    expect(await look(zipOf({ a: instance({}) }, { flags: 1 }))).toMatchObject({ kind: 'zip', members: null });
    expect(await look(zipOf({ '': text('') }))).toMatchObject({ kind: 'zip' });
  });
});
