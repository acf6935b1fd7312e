import { describe, expect, it, test } from 'vitest';
import { callOf, isUnseen } from '@shared/alerts/receipt';
import type { Alert } from '@shared/api/types';
import { byDeadline, deadlineOf, dutyOf, isReadBack } from './duties';

const alert = (change: Partial<Alert> = {}): Alert =>
  ({
    status: 'OPEN',
    responsibleId: 'smith',
    notifiedPersonIds: ['smith'],
    ladder: [
      { number: 1, personId: 'smith', personName: 'Dr. Smith', channels: [], afterSeconds: 0 },
      { number: 2, personId: 'shah', personName: 'Dr. Shah', channels: [], afterSeconds: 300 },
    ],
    currentStep: 1,
    attempts: [{ dueAt: '2026-03-02T10:00:00Z' }],
    openedAt: '2026-03-02T10:00:00Z',
    nextStepAt: '2026-03-02T10:05:00Z',
    acknowledgeBy: '2026-03-02T10:30:00Z',
    acknowledgement: null,
    ...change,
  }) as Alert;

const acknowledgedBy = (personId: string) => alert({ status: 'ACKNOWLEDGED', acknowledgement: { personId, personName: '', channel: 'IN_APP', toldBy: '', at: '2026-03-02T10:02:00Z' } });

describe('a critical finding', () => {
  it('asks whoever was told to acknowledge', () => {
    expect(dutyOf(alert(), 'smith')).toBe('acknowledge');
  });

  it('does not ask whoever was not told yet', () => {
    expect(dutyOf(alert(), 'shah')).toBeNull();
  });

  it('asks whoever acknowledged to read it back, and nobody else', () => {
    expect([dutyOf(acknowledgedBy('smith'), 'smith'), dutyOf(acknowledgedBy('smith'), 'shah')]).toEqual(['read-back', null]);
  });

  it('is no more of whoever handed it over', () => {
    const handedOver = alert({ ladder: [{ number: 1, personId: 'jones', personName: 'Dr. Jones', channels: [], afterSeconds: 0 }], responsibleId: 'jones', notifiedPersonIds: ['smith', 'jones'] });

    expect([dutyOf(handedOver, 'smith'), dutyOf(handedOver, 'jones')]).toEqual([null, 'acknowledge']);
  });

  it('is done when it is closed', () => {
    expect(dutyOf(alert({ status: 'CLOSED' }), 'smith')).toBeNull();
  });
});

describe('its call', () => {
  const told = (times: number) => alert({ id: 'a', attempts: Array.from({ length: times }, () => ({ dueAt: '2026-03-02T10:00:00Z' })) as Alert['attempts'] });

  it('comes again with each time that somebody is told', () => {
    expect(callOf(told(4))).not.toBe(callOf(told(8)));
  });

  it('does not come again when it was only taken', () => {
    expect(callOf({ ...acknowledgedBy('smith'), id: 'a' })).toBe('a');
  });
});

describe('its countdown', () => {
  it('ends with the next person', () => {
    expect(deadlineOf(alert())).toMatchObject({ at: '2026-03-02T10:05:00Z', then: 'Dr. Shah is told' });
  });

  it('ends with the time limit when no step follows', () => {
    expect(deadlineOf(alert({ nextStepAt: null })).at).toBe('2026-03-02T10:30:00Z');
  });

  it('puts the shortest first', () => {
    const late = alert({ nextStepAt: '2026-03-02T10:20:00Z' });

    expect([late, alert()].sort(byDeadline)[0]).toEqual(alert());
  });
});

test.each([
  ['ok', false],
  ['', false],
  ['. , !', false],
  ['Embolus right, starting heparin', true],
])('%j as a read-back: %s', (text, isOne) => {
  expect(isReadBack(text)).toBe(isOne);
});

describe('a notice in the app', () => {
  const notice = (channel: string, state: string, personId = 'smith') => alert({ attempts: [{ channel, state, personId }] } as unknown as Partial<Alert>);

  it('is unseen until its receipt', () => {
    expect([isUnseen(notice('IN_APP', 'SENT'), 'smith'), isUnseen(notice('IN_APP', 'DELIVERED'), 'smith')]).toEqual([true, false]);
  });

  it('has no receipt by what another sees, or by what came another way', () => {
    expect([isUnseen(notice('IN_APP', 'SENT', 'shah'), 'smith'), isUnseen(notice('SMS', 'SENT'), 'smith')]).toEqual([false, false]);
  });
});
