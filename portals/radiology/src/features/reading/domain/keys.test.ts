import { describe, expect, it } from 'vitest';
import { editorKeyOf, PAGE_KEYS } from './keys';

const pressed = (key: string, modifier: Partial<{ ctrlKey: boolean; metaKey: boolean }> = {}) => editorKeyOf({ key, ctrlKey: false, metaKey: false, ...modifier });

describe('a key of the editor', () => {
  it.each([
    ['Ctrl S', pressed('s', { ctrlKey: true }), 'save'],
    ['the same on a Mac', pressed('s', { metaKey: true }), 'save'],
    ['Ctrl S with capitals locked', pressed('S', { ctrlKey: true }), 'save'],
    ['Ctrl Enter', pressed('Enter', { ctrlKey: true }), 'sign'],
    ['F2', pressed('F2'), 'write'],
    ['Escape', pressed('Escape'), 'leave'],
    ['a letter of a text', pressed('s'), null],
  ])('is %s', (_, act, expected) => {
    expect(act).toBe(expected);
  });

  it('that goes to the next case says which one it leaves out', () => {
    const next = PAGE_KEYS.flatMap(({ keys }) => keys).find(({ names }) => names.includes('N'));

    expect(next?.label).toContain('no preliminary one');
  });

  it('stands in the help sheet, with those of the lists', () => {
    expect(PAGE_KEYS.flatMap(({ keys }) => keys.flatMap(({ names }) => names))).toEqual(['Ctrl S', 'Ctrl Enter', 'F2', 'Esc', 'N', 'U']);
  });
});
