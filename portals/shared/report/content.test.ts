import { describe, expect, it } from 'vitest';
import type { ReportTemplate } from '../api/types';
import { COMPARED, EMPTY_REPORT, missingToSign, sectionInWords, withLine, withNormal, withTemplate } from './content';

const template = (change: Partial<ReportTemplate>): ReportTemplate =>
  ({ id: 't', title: 'T', modality: 'CT', technique: 'CT.', comparison: '', findings: [{ heading: 'Lungs', prompt: '', normal: 'Clear.' }], impression: '', checklist: [{ id: 'lungs', label: 'Lungs' }], ...change }) as ReportTemplate;

describe('a template', () => {
  it('fills what is empty', () => {
    expect(withTemplate(EMPTY_REPORT, template({}))).toMatchObject({ technique: 'CT.', findings: 'Lungs:', checklist: { lungs: false } });
  });

  it('never overwrites what somebody wrote', () => {
    expect(withTemplate({ ...EMPTY_REPORT, findings: 'Nodule.' }, template({})).findings).toBe('Nodule.');
  });

  it('replaces the untouched text of the template before it', () => {
    const first = withTemplate(EMPTY_REPORT, template({ findings: [{ heading: 'Liver', prompt: '', normal: '' }] }));

    expect(withTemplate(first, template({ id: 'u' }), template({ findings: [{ heading: 'Liver', prompt: '', normal: '' }] })).findings).toBe('Lungs:');
  });
});

describe('a signature', () => {
  it('needs findings and impression', () => {
    expect(missingToSign(EMPTY_REPORT)).toHaveLength(2);
  });

  it('needs the words of a critical finding', () => {
    expect(missingToSign({ ...EMPTY_REPORT, findings: 'x', impression: 'y', hasCriticalFindings: true, criticalFindingCode: 'other' })).toEqual(['The critical finding is not described.']);
  });
});

it('puts a line below what is there', () => {
  expect([withLine('', 'A'), withLine('A\n', 'B')]).toEqual(['A', 'A\nB']);
});

describe('the normal text of a heading', () => {
  it('stands behind its heading', () => {
    expect(withNormal('Lungs:\nHeart:', 'Lungs', 'Clear.')).toBe('Lungs: Clear.\nHeart:');
  });

  it('does not replace what was written there', () => {
    expect(withNormal('Lungs: nodule.', 'Lungs', 'Clear.')).toBe('Lungs: nodule.\nLungs: Clear.');
  });
});

describe('a section in words', () => {
  const words = (section: string, value: unknown) => sectionInWords(section, value, [template({})], []);

  it.each([
    ['checklist', { lungs: true, heart: false }, 'Looked at: Lungs'],
    ['checklist', {}, 'Nothing looked at'],
    ['templateId', 't', 'T'],
    ['hasCriticalFindings', true, 'There is one'],
    ['criticalCategory', 'RED', 'red'],
    ['criticalCategory', null, 'none'],
    ['findings', 'Nodule.', 'Nodule.'],
    ['findings', '', 'nothing'],
  ])('is read by a person: %s', (section, value, expected) => {
    expect(words(section, value)).toBe(expected);
  });
});

describe('a difference between versions', () => {
  const critical = (change: Partial<typeof EMPTY_REPORT>) => COMPARED.find(({ label }) => label === 'Critical finding')?.wordsOf({ ...EMPTY_REPORT, criticalFindingsText: 'Left.', criticalFindingCode: 'tension_pneumothorax', criticalCategory: 'RED', ...change });

  it('tells the critical finding with its kind and urgency', () => {
    expect(critical({ hasCriticalFindings: true })).toBe('tension pneumothorax (red): Left.');
  });

  it('tells none where none is marked', () => {
    expect(critical({ hasCriticalFindings: false })).toBe('');
  });
});
