// @vitest-environment node
import { describe, expect, it } from 'vitest';
import { text, zipOf } from './sample-files';
import { beginningOf, DamagedMember, unpacked, zipMembers } from './zip';

const going = () => new AbortController().signal;
const first = async (zip: File) => {
  const [member] = (await zipMembers(zip)) ?? [];
  if (!member) throw new Error('The zip is not opened');
  return member;
};
const noise = (bytes: number) => Uint8Array.from({ length: bytes }, (_, index) => (index * 2654435761) >>> 13);

describe('a file in a zip', () => {
  it.each([true, false])('comes out as it went in, packed or not (%s)', async (isDeflated) => {
    const content = noise(300_000);
    const zip = zipOf({ before: text('x'), a: content }, { isDeflated });
    const member = (await zipMembers(zip))?.[1];

    const whole = await unpacked(zip, member as NonNullable<typeof member>, going());

    expect(new Uint8Array(await whole.arrayBuffer())).toEqual(content);
  });

  it('is looked at without being unpacked to its end', async () => {
    const zip = zipOf({ a: noise(300_000) });

    expect(await beginningOf(zip, await first(zip), 100)).toEqual(noise(300_000).subarray(0, 100));
  });

  it.each([
    ['more than', 10],
    ['less than', 100],
  ])('of which there is %s the directory says is damaged', async (_, bytes) => {
    for (const isDeflated of [true, false]) {
      const zip = zipOf({ a: text('fifty bytes are in here, and neither more nor less') }, { bytes, isDeflated });

      await expect(unpacked(zip, await first(zip), going())).rejects.toThrow(DamagedMember);
    }
  });

  it('of another checksum than the directory says is damaged', async () => {
    for (const isDeflated of [true, false]) {
      const zip = zipOf({ a: text('x') }, { checksum: 1, isDeflated });

      await expect(unpacked(zip, await first(zip), going())).rejects.toThrow(DamagedMember);
    }
  });

  it('that does not lie where the directory says is damaged', async () => {
    const zip = zipOf({ a: text('x') });
    const member = await first(zip);

    await expect(unpacked(zip, { ...member, offset: 5 }, going())).rejects.toThrow(DamagedMember);
    await expect(unpacked(zip, { ...member, offset: zip.size }, going())).rejects.toThrow(DamagedMember);
    await expect(unpacked(zip, { ...member, compressedBytes: zip.size }, going())).rejects.toThrow(DamagedMember);
  });

  it('whose unpacking is stopped is not damaged', async () => {
    const zip = zipOf({ a: noise(300_000) });

    await expect(unpacked(zip, await first(zip), AbortSignal.abort())).rejects.toThrow(expect.objectContaining({ name: 'AbortError' }) as Error);
  });
});

describe('a zip', () => {
  it('that would unpack to much more than there is in it is not opened', async () => {
    expect(await zipMembers(zipOf({ a: text('x') }, { bytes: 2 ** 30 }))).toBeNull();
  });

  it('whose files share their bytes is not opened', async () => {
    const many = Array.from({ length: 50 }, (_, index): [string, Uint8Array] => [String(index), noise(5_000)]);

    expect(await zipMembers(zipOf(many))).toHaveLength(50);
    expect(await zipMembers(zipOf(many, { isOverlapping: true }))).toBeNull();
  });

  it('of more files than the server takes is not opened', async () => {
    const many = Array.from({ length: 20_001 }, (_, index): [string, Uint8Array] => [String(index), text('x')]);

    expect(await zipMembers(zipOf(many, { isDeflated: false }))).toBeNull();
  });

  it('that is protected, is of the large kind or ends too early is not opened', async () => {
    const good = zipOf({ a: text('x') });

    expect(await zipMembers(zipOf({ a: text('x') }, { flags: 1 }))).toBeNull();
    expect(await zipMembers(zipOf({ a: text('x') }, { bytes: 0xffffffff }))).toBeNull();
    expect(await zipMembers(good.slice(0, good.size - 30))).toBeNull();
    expect(await zipMembers(good.slice(30))).toBeNull();
  });

  it('may hold links; they are told apart', async () => {
    expect(await first(zipOf({ a: text('/etc/passwd') }, { mode: 0o120777 }))).toMatchObject({ isLink: true });
  });
});
