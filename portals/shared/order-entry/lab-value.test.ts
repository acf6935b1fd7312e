import { expect, test } from 'vitest';
import { creatinineProblem, egfrProblem, labValue } from './lab-value';

test.each([
  ['0.9', 0.9],
  [' 1,1 ', 1.1],
  ['', null],
  ['normal', null],
  ['0.9 mg', null],
  ['1.1.1', null],
])('%j is read as %j', (typed, value) => {
  expect(labValue(typed)).toBe(value);
});

test.each([
  ['', ''],
  ['0.05', ''],
  ['0,9', ''],
  ['30', ''],
  ['90', '0.05 to 30 mg/dL. Is this in µmol/L?'],
  ['0.04', '0.05 to 30 mg/dL. Is this in µmol/L?'],
  ['normal', 'A number in mg/dL, as 0.9; empty when it is not known.'],
])('a creatinine of %j: %j', (typed, problem) => {
  expect(creatinineProblem(typed)).toBe(problem);
});

test.each([
  ['', ''],
  ['84', ''],
  ['>60', 'A number in mL/min, as 84; empty when it is not known.'],
  ['251', '0 to 250 mL/min.'],
])('an eGFR of %j: %j', (typed, problem) => {
  expect(egfrProblem(typed)).toBe(problem);
});
