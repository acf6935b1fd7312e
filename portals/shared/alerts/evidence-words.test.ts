import { readFileSync } from 'node:fs';
import { expect, it, test } from 'vitest';
import type { Alert } from '../api/types';
import { lineOf, standingOf, wayOf } from './evidence-words';

test.each([
  ['step_begun', 'round 1, step 1: Dr. Emily Jones by IN_APP, SMS, EMAIL, VOICE', 'Next person is told', 'round 1, step 1: Dr. Emily Jones in the app, SMS, e-mail, phone call'],
  ['call_answered', 'VOICE to Dr. Emily Jones (…06): in-progress', 'Call picked up', 'phone call to Dr. Emily Jones (…06): picked up'],
  ['alert_opened', 'RED, STAT, raised by Dr. Samuel Baker', 'Alert begun', 'red, STAT, raised by Dr. Samuel Baker'],
])('%s is said in words', (what, detail, said, explained) => {
  expect(lineOf({ what, detail })).toEqual({ what: said, detail: explained });
});

it('says who told somebody that a finding was confirmed by word of mouth', () => {
  const by = (toldBy: string) => wayOf({ personId: 's', personName: 'Dr. Smith', channel: 'IN_APP', at: '2026-01-01T00:00:00Z', toldBy });

  expect([by('Dr. Adams'), by('')]).toEqual(['told by Dr. Adams', 'in the app']);
});

it('says in a line how far a finding has come', () => {
  const near = (at: string) => at.slice(11, 16);
  const begun = { status: 'OPEN', responsibleName: 'Dr. Smith', openedAt: '2026-01-01T15:41:00Z' } as Alert;
  const taken = { ...begun, status: 'ACKNOWLEDGED', acknowledgement: { personName: 'Dr. Jones' } } as Alert;

  expect([begun, { ...begun, responsibleName: '' }, taken, { ...taken, status: 'CLOSED', readBackAt: '2026-01-01T15:47:00Z' } as Alert].map((alert) => standingOf(alert, near))).toEqual([
    'Raised 15:41 · Dr. Smith is being told',
    'Raised 15:41 · the doctor is being told',
    'Raised 15:41 · Dr. Jones has taken it on',
    'Raised 15:41 · Dr. Jones has confirmed it by read-back 15:47',
  ]);
});

it('leaves what a person wrote as it is', () => {
  expect(lineOf({ what: 'handed_over', detail: 'by Maria Diaz to Dr. Smith: no VOICE mail' }).detail).toBe('by Maria Diaz to Dr. Smith: no VOICE mail');
});

it('has words for every line that the alert worker writes', () => {
  const domain = readFileSync('../alert_worker/domain/alert.py', 'utf8');
  const [, listed = ''] = /class What\(StrEnum\):([\s\S]*?)\n\n\n/.exec(domain) ?? [];
  const written = [...listed.matchAll(/= "([a-z_]+)"/g)].map(([, what = '']) => what);

  expect(written).toContain('alert_opened');
  expect(written.filter((what) => lineOf({ what, detail: '' }).what === what.replaceAll('_', ' '))).toEqual([]);
});
