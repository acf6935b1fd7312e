import { describe, expect, it } from 'vitest';
import type { Content, Zip } from './contents';
import type { FileFacts } from './inspect';
import type { Row, ZipRow } from './rows';
import { comparedWith, counted, differencesByPerson, fateOfZip, firstThoseThatAsk, inOrder, isZipRow, linesOf, newRow, saidOfZip } from './rows';

const cd: Zip = { id: 'cd', path: 'cd.zip', bytes: 10 };
const dicom: FileFacts = { kind: 'dicom', header: null, digest: '', members: null };
const content = (path: string, zip: Zip | null, leftOut = ''): Content => ({ path, bytes: 100, mark: '', zip, leftOut, beginning: () => Promise.reject(new Error()), members: () => Promise.resolve(null), open: () => Promise.reject(new Error()) });
const file = (path: string, part: Partial<Row> = {}): Row => ({ ...newRow(content(path, null)), facts: dicom, ...part });
const packed = (path: string, part: Partial<Row> = {}): Row => ({ ...newRow(content(path, cd)), facts: dicom, ...part });
const other: FileFacts = { ...dicom, kind: 'other' };

const zipIn = (rows: Row[]): ZipRow => {
  const found = linesOf(rows, () => false).find(isZipRow);
  if (!found) throw new Error('There is no zip in the list');
  return found;
};

describe('the list', () => {
  const rows = [file('a'), packed('1'), file('notes.txt', { facts: other }), packed('2'), packed('viewer.exe', { facts: other })];
  const shown = (isOpen: boolean) => linesOf(rows, () => isOpen).map((line) => (isZipRow(line) ? line.zip.path : line.content.path));

  it('has one line for a zip, however many files are in it', () => {
    expect(shown(false)).toEqual(['a', 'cd.zip']);
  });

  it('has the files of a zip that is opened, and nothing that is left out', () => {
    expect(shown(true)).toEqual(['a', 'cd.zip', '1', '2']);
  });
});

it('files stand as a person counts them, and not as the disk has them', () => {
  const rows = [file('CT/10'), file('CT/9'), file('CT/1')];

  expect(inOrder(rows).map(({ content: { path } }) => path)).toEqual(['CT/1', 'CT/9', 'CT/10']);
});

it('what asks for somebody comes first, whatever has become of it', () => {
  const rows = [file('a', { fate: 'stored' }), file('refused', { fate: 'refused' }), file('b'), file('strange', { fate: 'stored' })];

  expect(firstThoseThatAsk(rows, ({ content: { path } }) => path === 'strange').map(({ content: { path } }) => path)).toEqual(['refused', 'strange', 'a', 'b']);
});

describe('the line of a zip', () => {
  it('says how many of its files are stored, what of others, and what is left out and why', () => {
    const zip = zipIn([
      packed('1', { fate: 'stored' }),
      packed('2', { fate: 'stored', message: 'The patient differs' }),
      packed('3', { fate: 'stored', message: 'The patient differs' }),
      packed('4', { fate: 'refused', message: 'Not DICOM.' }),
      packed('5'),
      packed('viewer.exe', { facts: other }),
      packed('autorun.inf', { facts: other }),
      { ...newRow(content('DICOMDIR', cd, 'A list.')) },
    ]);

    expect(saidOfZip(zip)).toBe('3 of 5 stored. 1 not stored. The patient differs. Not DICOM. 3 left out: Neither DICOM nor a picture (2), A list');
  });

  it('is on its way while one of its files is, and asks for somebody when one was not sent', () => {
    expect(fateOfZip(zipIn([packed('1', { fate: 'stored' }), packed('2', { fate: 'sending' }), packed('3')]))).toBe('sending');
    expect(fateOfZip(zipIn([packed('1', { fate: 'stored' }), packed('2', { fate: 'failed' })]))).toBe('failed');
    expect(fateOfZip(zipIn([packed('1', { fate: 'stored' }), packed('2', { fate: 'refused' })]))).toBe('refused');
    expect(fateOfZip(zipIn([packed('1', { fate: 'stored' })]))).toBe('stored');
    expect(fateOfZip(zipIn([packed('viewer.exe', { facts: other })]))).toBe('skipped');
  });
});

it('what speaks against many files is said once, with their number', () => {
  const order = { modality: 'CT' as const, accessionNumber: 'A1', patient: { mrn: 'P1' } };
  const of = (patientId: string): FileFacts => ({ ...dicom, header: { patientId, modality: 'MR', patientName: '', seriesDescription: '', instanceNumber: '' } });
  const rows = [file('1', { facts: of('P2') }), file('2', { facts: of('P2') }), file('3', { facts: of('P1') })];

  expect(counted(rows.flatMap(comparedWith(order)))).toBe('Patient P2 (2), Modality MR (3)');
});

it('what speaks against files of several people is said person by person', () => {
  const order = { modality: 'CT' as const, accessionNumber: 'A1', patient: { mrn: 'P1', birthDate: '1980-05-17' } };
  const of = (patientName: string, patientId: string, patientBirthDate: string): FileFacts => ({ ...dicom, header: { patientId, patientName, patientBirthDate, modality: 'CT', seriesDescription: '', instanceNumber: '' } });
  const rows = [
    file('1', { facts: of('Roe^Richard', 'P2', '1970-01-01') }),
    file('2', { facts: of('', 'P3', '1980-05-17') }),
    file('3', { facts: of('Roe^Richard', 'P2', '1970-01-01') }),
  ];

  expect(differencesByPerson(rows, comparedWith(order))).toEqual([
    { person: 'Roe, Richard', differences: 'Patient P2 (2), Born 1 Jan 1970 (2)' },
    { person: 'Without a name', differences: 'Patient P3' },
  ]);
});
