/** The keys of the page besides those of the images; the help sheet lists them. Pure. */
import type { KeyGroup } from '@shared/viewer/help-sheet';

type EditorKey = 'save' | 'sign' | 'write' | 'leave';

const EDITOR_KEYS: ReadonlyArray<{ act: EditorKey; label: string; name: string; key: string; withControl: boolean }> = [
  { act: 'save', label: 'Save as preliminary', name: 'Ctrl S', key: 's', withControl: true },
  { act: 'sign', label: 'Sign and finalize', name: 'Ctrl Enter', key: 'enter', withControl: true },
  { act: 'write', label: 'Write the findings', name: 'F2', key: 'f2', withControl: false },
  { act: 'leave', label: 'Leave the text, for the keys of the images', name: 'Esc', key: 'escape', withControl: false },
];

/** What a key asks the editor for. A Mac's command key is its control key. */
export function editorKeyOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey'>): EditorKey | null {
  const withControl = event.ctrlKey || event.metaKey;
  return EDITOR_KEYS.find((one) => one.key === event.key.toLowerCase() && one.withControl === withControl)?.act ?? null;
}

export const PAGE_KEYS: readonly KeyGroup[] = [
  { title: 'Report', keys: EDITOR_KEYS.map(({ label, name }) => ({ label, names: [name] })) },
  {
    title: 'Worklist and other lists',
    keys: [
      { label: 'Read the next case, also after the signature; no preliminary one', names: ['N'] },
      { label: 'Show what came meanwhile in a list', names: ['U'] },
    ],
  },
];
