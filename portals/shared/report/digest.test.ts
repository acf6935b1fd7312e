// @vitest-environment node
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { asKept, digestOf } from './digest';

type Known = { about: string; content: Parameters<typeof digestOf>[0]; sha256: string };
const KNOWN = JSON.parse(readFileSync(join(import.meta.dirname, '../../../tests/contracts/digests.json'), 'utf8')) as Known[];

describe('the digest of a report', () => {
  it.each(KNOWN)('is that of the server: $about', async ({ content, sha256 }) => {
    expect(await digestOf(asKept(content))).toBe(sha256);
  });

  it('is another one after the smallest change', async () => {
    expect(await digestOf({ impression: 'No nodule.' })).not.toBe(await digestOf({ impression: 'Nodule.' }));
  });
});

it('is of a text as the server keeps it', () => {
  expect(asKept({ findings: '  Nodule\r\n\tleft\u0000 \n', hasCriticalFindings: false })).toEqual({ findings: 'Nodule\n\tleft', hasCriticalFindings: false });
});
