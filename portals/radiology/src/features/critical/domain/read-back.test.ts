import type { Alert } from '@shared/api/types';
import { describe, expect, it } from 'vitest';
import { whoConfirms } from './read-back';

const SMITH = { personId: 'smith', personName: 'Dr. Smith' };
const DIAZ = { personId: 'diaz', personName: 'Maria Diaz' };
const alert = (changes: object = {}) => ({ acknowledgement: null, attempts: [SMITH, SMITH, DIAZ], notifiedPersonIds: ['smith', 'diaz'], ...changes }) as unknown as Alert;
const ids = (people: Array<{ id: string }>) => people.map(({ id }) => id);

describe('who can confirm a finding', () => {
  it('is who was told, the last one first', () => {
    expect(ids(whoConfirms(alert(), 'adams'))).toEqual(['diaz', 'smith']);
  });

  it('is oneself before others, where one was told', () => {
    expect(ids(whoConfirms(alert(), 'smith'))).toEqual(['smith', 'diaz']);
  });

  it('is nobody to whom nothing has gone yet', () => {
    expect(ids(whoConfirms(alert({ notifiedPersonIds: ['smith'] }), 'adams'))).toEqual(['smith']);
  });

  it('is only who has taken it, once somebody has', () => {
    expect(whoConfirms(alert({ acknowledgement: SMITH }), 'diaz')).toEqual([{ id: 'smith', name: 'Dr. Smith' }]);
  });
});
