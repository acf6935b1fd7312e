// @vitest-environment node
import { existsSync, mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@hey-api/openapi-ts';
import { expect, it } from 'vitest';

const COMMITTED = join(import.meta.dirname, 'generated');
const OPENAPI = join(import.meta.dirname, '../../../openapi.json');

/** The two files that depend on `openapi.json`; the rest is the generator's own. */
const DERIVED = ['sdk.gen.ts', 'types.gen.ts'];

it('the committed client is what the committed openapi.json gives', async () => {
  expect(existsSync(OPENAPI)).toBe(true);
  const fresh = mkdtempSync(join(tmpdir(), 'client-'));

  await createClient({ input: OPENAPI, output: { path: fresh }, plugins: ['@hey-api/client-fetch', '@hey-api/typescript', '@hey-api/sdk'], logs: { level: 'silent' } });

  expect(readdirSync(fresh)).toEqual(expect.arrayContaining(DERIVED));
  for (const name of DERIVED) expect(readFileSync(join(fresh, name), 'utf8')).toBe(readFileSync(join(COMMITTED, name), 'utf8'));
  rmSync(fresh, { recursive: true });
}, 60_000);
