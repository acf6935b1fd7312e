import { NOTHING_STATED } from '@shared/order-entry/stated-safety';
import { describe, expect, it, test } from 'vitest';
import type { Answers } from './screening';
import { differences, NOT_ANSWERED, onRecord } from './screening';

const said = { ...NOTHING_STATED, allergy: 'yes' as const, allergyDetail: 'Anaphylaxis, iohexol 2020', creatinine: '3.9', creatinineDate: '2026-02-27' };
const answers = (change: Partial<Answers> = {}): Answers => ({ ...NOT_ANSWERED, ...change });
const questions = (change: Partial<Answers>, order = said) => differences(order, answers(change)).map(({ question }) => question);

describe('an answer that differs from the order', () => {
  it('is named with what the order says', () => {
    expect(differences(said, answers({ allergy: 'no', creatinine: '0.9' }))).toEqual([
      { question: 'allergy', asked: 'Allergy to contrast medium', answered: 'no', said: 'yes, Anaphylaxis, iohexol 2020' },
      { question: 'creatinine', asked: 'Creatinine', answered: '0.9 mg/dL', said: '3.9 mg/dL, measured on 27 Feb 2026' },
    ]);
  });

  it('is a reaction that the order does not know of', () => {
    expect(questions({ allergy: 'yes' }, { ...said, allergy: 'no' as never })).toEqual(['allergy']);
  });

  test.each([
    ['0.9', '1.3', false],
    ['0.9', '1.4', true],
    ['0.9', '0.6', true],
    ['1.9', '2.1', true],
    ['2.1', '2.2', false],
    ['0.9', '', false],
    ['', '3.9', false],
  ])('is a creatinine half as much again, or on the other side of 2.0: the order says %j, the form %j: %s', (creatinine, typed, differs) => {
    expect(questions({ creatinine: typed }, { ...said, creatinine })).toEqual(differs ? ['creatinine'] : []);
  });

  test.each([
    ['3.9', '84', true],
    ['3.9', '29', false],
    ['0.9', '84', false],
  ])('is an eGFR of good kidneys where the order says bad ones: %j mg/dL, %j mL/min: %s', (creatinine, egfr, differs) => {
    expect(questions({ egfr }, { ...said, creatinine })).toEqual(differs ? ['egfr'] : []);
  });

  it('is an implant, or the fear of the tube', () => {
    const order = { ...NOTHING_STATED, mri: { pacemaker: 'yes', metallicImplants: 'no', claustrophobia: 'yes', aneurysmClips: 'unknown' } as const, mriDetail: 'Since 2020' };

    expect(differences(order, answers({ mri: { pacemaker: 'no', metallicImplants: 'no', claustrophobia: 'no', aneurysmClips: 'yes' } }))).toMatchObject([
      { question: 'pacemaker', answered: 'no', said: 'yes, Since 2020' },
      { question: 'claustrophobia', answered: 'no', said: 'yes' },
    ]);
  });

  it('is none where the order was not asked', () => {
    expect(differences(NOTHING_STATED, answers({ allergy: 'yes', creatinine: '3.9', mri: { pacemaker: 'yes' } }))).toEqual([]);
  });
});

it('is on record with what was answered, what the order says, and whose word it is', () => {
  const differing = differences(said, answers({ allergy: 'no' }));

  expect(onRecord('', differing, { allergy: ' Patient: it was another drug. Dr. Smith by telephone ' })).toBe(
    'Allergy to contrast medium: no. The order says: yes, Anaphylaxis, iohexol 2020. Confirmed: Patient: it was another drug. Dr. Smith by telephone',
  );
  expect(onRecord('Rash', [], {})).toBe('Rash');
});
