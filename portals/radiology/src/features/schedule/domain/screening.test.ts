import { describe, expect, it, test } from 'vitest';
import type { Answers } from './screening';
import { differences, NOT_ANSWERED } from './screening';

const reacted = { contrast: { allergyToContrast: 'yes', allergyDetail: 'Anaphylaxis, iohexol 2020', creatinineMgPerDl: 3.9, creatinineMeasuredOn: '2026-02-27' } } as const;
const answers = (change: Partial<Answers> = {}): Answers => ({ ...NOT_ANSWERED, ...change });
const questions = (contrast: object, change: Partial<Answers>) => differences({ contrast }, answers(change)).map(({ question }) => question);

/** The same cases as in tests/unit/order_consumer/test_safety.py, whose rules these are. */
describe('an answer that contradicts the order', () => {
  it('is named with what the order says', () => {
    expect(differences(reacted, answers({ allergy: 'no', creatinine: '0.9' }))).toEqual([
      { question: 'allergyToContrast', asked: 'Allergy to contrast medium', said: 'yes, Anaphylaxis, iohexol 2020' },
      { question: 'creatinineMgPerDl', asked: 'Creatinine', said: '3.9 mg/dL, measured on 27 Feb 2026' },
    ]);
  });

  it('is a reaction that the order does not know of', () => {
    expect(questions({ allergyToContrast: 'no' }, { allergy: 'yes' })).toEqual(['allergyToContrast']);
  });

  test.each([
    [0.9, '1.3', false],
    [0.9, '1.4', true],
    [0.9, '0.6', true],
    [1.9, '2.1', true],
    [2.1, '2.2', false],
    [0.9, '', false],
    [null, '3.9', false],
  ])('is a creatinine half as much again, or on the other side of 2.0: the order says %j, the form %j: %s', (creatinineMgPerDl, typed, differs) => {
    expect(questions({ creatinineMgPerDl }, { creatinine: typed })).toEqual(differs ? ['creatinineMgPerDl'] : []);
  });

  test.each([
    [3.9, '84', true],
    [3.9, '30', true],
    [3.9, '29.9', false],
    [2.0, '84', false],
    [null, '84', false],
  ])('is an eGFR of good kidneys where the order says bad ones: %j mg/dL, %j mL/min: %s', (creatinineMgPerDl, egfr, differs) => {
    expect(questions({ creatinineMgPerDl }, { egfr })).toEqual(differs ? ['egfrMlPerMin'] : []);
  });

  it('is an implant, or the fear of the tube', () => {
    const mri = { pacemaker: 'yes', metallicImplants: 'no', claustrophobia: 'yes', aneurysmClips: 'unknown', detail: 'Since 2020' } as const;

    expect(differences({ mri }, answers({ mri: { pacemaker: 'no', metallicImplants: 'no', claustrophobia: 'no', aneurysmClips: 'yes' } }))).toMatchObject([
      { question: 'pacemaker', said: 'yes, Since 2020' },
      { question: 'claustrophobia', said: 'yes' },
    ]);
  });

  test.each([[null], [{}]])('is none where the order was not asked: %j', (stated) => {
    expect(differences(stated, answers({ allergy: 'yes', creatinine: '3.9', mri: { pacemaker: 'yes' } }))).toEqual([]);
  });
});
