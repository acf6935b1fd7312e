import { describe, expect, it } from 'vitest';
import { readWorklistSearch } from './worklist-search';

describe('the address of the worklist', () => {
  it('keeps what is known and drops the rest', () => {
    expect(readWorklistSearch({ modality: ['CT', 'PET'], priority: 'STAT', owner: 'x', name: 'Doe' })).toEqual({ modality: ['CT'], priority: ['STAT'] });
  });
});
