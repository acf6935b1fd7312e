/** What hangs where, and with which image it opens. Pure. */
import type { DisplaySet } from './display-sets';
import type { LayoutId } from './layouts';
import { LAYOUTS } from './layouts';
import type { ViewerState } from './viewer-state';

export type Hung = ViewerState['hung'];
type Listed = Pick<ViewerState, 'studies' | 'sets'>;

const isPrior = ({ studies }: Listed, set: DisplaySet): boolean => studies.find(({ studyInstanceUid }) => studyInstanceUid === set.studyInstanceUid)?.prior ?? false;

/** What hangs where in another layout: what is there stays, empty cells get the series that follow. */
export function hungIn(id: LayoutId, state: ViewerState, asked: string): Hung {
  const shown = state.sets.find((set) => set.id === state.hung[state.active])?.id;
  if (id === 'mpr') return { ...state.hung, axial: shown, sagittal: shown, coronal: shown };
  const hung = { ...state.hung };
  if (!hung.a || state.layout === 'mpr') hung.a = shown ?? hung.a;
  if (id === 'prior') return { ...hung, b: priorLike(hung.a, state, asked)?.id };
  const current = state.sets.filter((set) => !isPrior(state, set));
  for (const { id: cell } of LAYOUTS[id].cells) {
    const taken = Object.values(hung);
    hung[cell] ??= current.find((set) => !taken.includes(set.id))?.id;
  }
  return hung;
}

/** The prior's display set that is most like one of the exam: of the study that was asked for, same modality, nearest in number of images. */
export function priorLike(setId: string | undefined, listed: Listed, asked: string): DisplaySet | undefined {
  const current = listed.sets.find((set) => set.id === setId);
  const unlike = (set: DisplaySet) =>
    (set.studyInstanceUid === asked ? 0 : 100_000) +
    (set.modality === current?.modality ? 0 : 10_000) +
    (set.description === current?.description ? 0 : 1_000) +
    Math.abs(set.images.length - (current?.images.length ?? 0));
  return listed.sets.filter((set) => isPrior(listed, set)).sort((one, other) => unlike(one) - unlike(other))[0];
}

/** A scanned volume opens in its middle, where there is something to see; all else at its first image. */
export function startIndex(set: DisplaySet): number {
  return set.volume.possible ? Math.floor(set.images.length / 2) : 0;
}
