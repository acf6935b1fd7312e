import { describe, expect, it } from 'vitest';
import type { MeasurementRecord } from './measurements';
import { findingSentence, mergeMeasurements, placeWords } from './measurements';

const measured = (uid: string, text: string) => ({ uid, text, kind: 'length', annotation: { data: {} } }) as unknown as MeasurementRecord;

describe('a measurement in words', () => {
  it('on a prior names the prior, so that old and new are told apart', () => {
    const [old, now] = [measured('old', '8.0 mm'), measured('new', '12.0 mm')];

    expect(findingSentence(old, { series: 2, image: 150 }, 'prior CT of 3 Sep 2025')).toBe('Length 8.0 mm (prior CT of 3 Sep 2025, series 2, image 150).');
    expect(findingSentence(now, { series: 2, image: 148 })).toBe('Length 12.0 mm (series 2, image 148).');
  });

  it('on a reformatted plane says so, on a prior too', () => {
    expect([null, 'prior CT of 3 Sep 2025'].map((prior) => placeWords(null, prior))).toEqual(['reformatted plane', 'prior CT of 3 Sep 2025, reformatted plane']);
  });
});

describe('measurements of two places', () => {
  const base = [measured('one', '10 mm'), measured('two', '20 mm')];
  const merged = (mine: MeasurementRecord[], theirs: MeasurementRecord[]) => mergeMeasurements(base, mine, theirs).map(({ uid, text }) => `${uid} ${text}`);

  it('hold what either drew', () => {
    expect(merged([...base, measured('mine', '1 mm')], [...base, measured('theirs', '2 mm')])).toEqual(['one 10 mm', 'two 20 mm', 'theirs 2 mm', 'mine 1 mm']);
  });

  it('hold nothing that either removed', () => {
    expect(merged(base.slice(1), base.slice(0, 1))).toEqual([]);
  });

  it('hold what either moved', () => {
    const moved = (uid: string) => base.map((one) => (one.uid === uid ? measured(uid, '30 mm') : one));

    expect(merged(moved('one'), moved('two'))).toEqual(['one 30 mm', 'two 30 mm']);
  });

  it('follow mine where both moved one', () => {
    expect(merged([measured('one', '11 mm')], [measured('one', '12 mm')])).toEqual(['one 11 mm']);
  });

  it('hold what I moved and they removed, and not what I removed and they moved', () => {
    expect(merged([measured('one', '11 mm')], [measured('two', '22 mm')])).toEqual(['one 11 mm']);
  });
});
