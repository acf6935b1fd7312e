import { describe, expect, it } from 'vitest';
import { joinTexts, keepBoth, mergeDraft, onwardsFrom, putInstead, stillOpen } from './merge';

const base = { findings: 'Lungs clear.', impression: '', technique: 'CT' };
const draft = (change: Partial<typeof base>, baseVersion = 1) => ({ base, content: { ...base, ...change }, baseVersion, savedAt: 0 });

describe('a local draft', () => {
  it('is not there: the server is shown', () => {
    expect(mergeDraft(null, { content: base, version: 3 })).toMatchObject({ kind: 'clean', content: base, baseVersion: 3, isDirty: false });
  });

  it('survives a crash when nobody else wrote', () => {
    const merge = mergeDraft(draft({ findings: 'Nodule.' }), { content: base, version: 1 });

    expect(merge).toMatchObject({ kind: 'clean', content: { findings: 'Nodule.' }, isDirty: true });
  });

  it('that reached the server before the answer was lost is not dirty', () => {
    const saved = { ...base, findings: 'Nodule.' };

    expect(mergeDraft(draft({ findings: 'Nodule.' }), { content: saved, version: 2 })).toMatchObject({ isDirty: false, baseVersion: 2 });
  });

  it('is merged when two wrote in different sections', () => {
    const merge = mergeDraft(draft({ findings: 'Nodule.' }), { content: { ...base, impression: 'Follow up.' }, version: 2 });

    expect(merge).toMatchObject({ kind: 'merged', content: { findings: 'Nodule.', impression: 'Follow up.' }, taken: ['impression'], isDirty: true });
  });

  it('gives way where two wrote in the same section, and is handed back', () => {
    const merge = mergeDraft(draft({ findings: 'Mine.' }), { content: { ...base, findings: 'Theirs.' }, version: 2 });

    expect(merge).toMatchObject({ kind: 'conflict', content: { findings: 'Theirs.' }, conflicts: [{ section: 'findings', yours: 'Mine.', theirs: 'Theirs.' }] });
  });

  it('keeps its other sections when one is in conflict', () => {
    const merge = mergeDraft(draft({ findings: 'Mine.', technique: 'CT, low dose' }), { content: { ...base, findings: 'Theirs.' }, version: 2 });

    expect(merge.content).toEqual({ ...base, findings: 'Theirs.', technique: 'CT, low dose' });
    expect(merge.isDirty).toBe(true);
  });

  it('that was only opened takes all of the server', () => {
    const merge = mergeDraft(draft({}), { content: { ...base, findings: 'Theirs.' }, version: 5 });

    expect(merge).toMatchObject({ kind: 'merged', content: { findings: 'Theirs.' }, isDirty: false });
  });
});

describe('keeping both texts', () => {
  it('adds the own words below the others', () => {
    expect(keepBoth('Theirs.', 'Mine.')).toBe('Theirs.\nMine.');
  });

  it('does not double what is there', () => {
    expect(keepBoth('Mine. And more.', 'Mine.')).toBe('Mine. And more.');
  });
});

describe('a save that comes back', () => {
  const sent = { findings: 'Base. The ', impression: '' };
  const local = { content: { findings: 'Base. The valve', impression: 'Normal.' }, base: { findings: 'Base.', impression: '' }, baseVersion: 1, savedAt: 0 };

  it('is what typing goes on from, also when the live stream is faster than the answer', () => {
    const server = { content: { findings: 'Base. The', impression: '' }, version: 2 };

    const merge = mergeDraft(onwardsFrom(sent, local, server), server);

    expect(merge).toMatchObject({ kind: 'merged', content: { findings: 'Base. The valve', impression: 'Normal.' }, baseVersion: 2 });
  });

  it("does not hide what somebody else wrote meanwhile", () => {
    const server = { content: { findings: 'Theirs.', impression: '' }, version: 3 };

    expect(mergeDraft(onwardsFrom(sent, local, server), server)).toMatchObject({ kind: 'conflict', conflicts: [{ section: 'findings', yours: 'Base. The valve' }] });
  });
});

describe('words that gave way', () => {
  const first = [{ section: 'findings' as const, yours: 'Mine.', theirs: 'Theirs.' }];

  it('wait on when the others save another section', () => {
    expect(stillOpen(first, [])).toEqual(first);
  });

  it('are all there when texts of a section gave way twice', () => {
    expect(stillOpen(first, [{ section: 'findings', yours: 'More of mine.', theirs: 'Again theirs.' }])).toEqual([{ section: 'findings', yours: 'Mine.\nMore of mine.', theirs: 'Again theirs.' }]);
  });
});

describe('a checklist that two have ticked', () => {
  const ticked = (checklist: Record<string, boolean>) => ({ findings: '', checklist });
  const merged = (mine: Record<string, boolean>, other: Record<string, boolean>, before: Record<string, boolean> = { heart: false, lungs: true }) =>
    mergeDraft({ content: ticked(mine), base: ticked(before), baseVersion: 1, savedAt: 0 }, { content: ticked(other), version: 2 });

  it.each([
    ['each another item', { heart: true, lungs: true }, { heart: false, lungs: false }, { heart: true, lungs: false }],
    ['the same item', { heart: true, lungs: true }, { heart: true, lungs: false }, { heart: true, lungs: false }],
    ['an item of a template that the other has chosen', { heart: true, lungs: true }, { liver: true }, { heart: true, lungs: false, liver: true }],
  ])('has the ticks of both and asks for no decision: %s', (_, mine, other, both) => {
    const merge = merged(mine, other);

    expect(merge.kind).toBe('merged');
    expect(merge.content.checklist).toEqual(both);
  });
});

describe('what the same writer typed in another tab', () => {
  const empty = { findings: '', impression: '', checklist: {} };
  const here = (content: Partial<typeof empty>) => ({ base: empty, content: { ...empty, ...content } });

  it('comes to what is typed here in another section', () => {
    expect(joinTexts(here({ findings: 'Nodule.' }), { ...empty, impression: 'Follow up.' })).toEqual({ content: { ...empty, findings: 'Nodule.', impression: 'Follow up.' }, conflicts: [] });
  });

  it('waits for a decision where both were typed in one section', () => {
    expect(joinTexts(here({ findings: 'Nodule.' }), { ...empty, findings: 'Effusion.' })).toEqual({
      content: { ...empty, findings: 'Nodule.' },
      conflicts: [{ section: 'findings', yours: 'Effusion.', theirs: 'Nodule.', isOwn: true }],
    });
  });

  it.each([
    ['Nodule. No effusion.', 'Nodule.'],
    ['Nodule.', 'Nodule. No effusion.'],
  ])('asks for nothing where one text holds the other: %s, %s', (one, other) => {
    expect(joinTexts(here({ findings: one }), { ...empty, findings: other })).toEqual({ content: { ...empty, findings: 'Nodule. No effusion.' }, conflicts: [] });
  });

  it('takes nothing away where it is older', () => {
    expect(joinTexts(here({ findings: 'Nodule.' }), empty)).toEqual({ content: { ...empty, findings: 'Nodule.' }, conflicts: [] });
  });
});

describe('using the words that gave way', () => {
  it.each([
    ['nothing was typed since', 'Theirs.', 'Mine.'],
    ['something was typed behind', 'Theirs. And later.', 'Mine. And later.'],
    ['something was typed before', 'Before. Theirs.', 'Before. Mine.'],
    ['all was written anew', 'Anew.', 'Anew.\nMine.'],
    ['all was removed', '', 'Mine.'],
  ])('keeps what was typed in the section since: %s', (_, present, after) => {
    expect(putInstead(present, { yours: 'Mine.', theirs: 'Theirs.' })).toBe(after);
  });

  it('puts them below what was typed where there was nothing', () => {
    expect(putInstead('Later.', { yours: 'Mine.', theirs: '' })).toBe('Later.\nMine.');
  });

  it('takes a choice as it is', () => {
    expect(putInstead(true, { yours: false, theirs: true })).toBe(false);
  });

  it('takes words with a dollar literally', () => {
    expect(putInstead('Theirs.', { yours: '$& mm', theirs: 'Theirs' })).toBe('$& mm.');
  });
});
