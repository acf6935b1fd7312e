/** The catalogue's own file, for tests: what they show holds for the words that a hospital has. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CriticalTerm } from './critical-terms';

const FILE = join(import.meta.dirname, '../../../contracts/catalogue/critical_findings.yaml');

const field = (entry: string, name: string): string => new RegExp(`^\\s*(?:- )?${name}: (.+)$`, 'm').exec(entry)?.[1] ?? '';

/** Each word of a finding stands in brackets or on a line of its own. */
export const CATALOGUE: readonly CriticalTerm[] = readFileSync(FILE, 'utf8')
  .split(/^(?=- code: )/m)
  .slice(1)
  .map((entry) => ({
    code: field(entry, 'code'),
    title: field(entry, 'title'),
    category: field(entry, 'category') as CriticalTerm['category'],
    synonyms: (entry.split('synonyms:')[1] ?? '').split(/[[\],\n]|^\s*- /m).map((word) => word.trim()).filter(Boolean),
  }));
