/** For tests: the library that draws, which draws nothing. A test extends the stage by what it looks at. */
import type { DisplaySet } from './display-sets';

export class QuietStage {
  attach(): void {}
  detach(): void {}
  setTool(): void {}
  fitAnew(): void {}
  showStack(...shown: [cell: string, imageIds: string[], index: number]): void {
    void shown;
  }
  prefetch(): void {}
  endClip(): void {}
  state(cell: string): { index: number | undefined } | null {
    void cell;
    return null;
  }
}

/** What stands for `./cornerstone`. */
export const quietCornerstone = (Stage: typeof QuietStage) => ({
  startCornerstone: () => Promise.resolve(),
  isDrawingTool: (tool: string) => tool === 'length',
  onTextWanted: () => undefined,
  onAnnotationsChanged: () => () => undefined,
  onGraphics: () => () => undefined,
  Stage,
});

/** A CT series of so many slices, 1 mm apart. */
export const seriesOf = (id: string, count: number, side = 512): DisplaySet => ({
  id,
  studyInstanceUid: '1',
  seriesInstanceUid: id,
  modality: 'CT',
  seriesNumber: 1,
  description: '',
  images: Array.from({ length: count }, (_, index) => ({ imageId: `${id}/${index}`, sopInstanceUid: `${id}.${index}`, frame: 1, instanceNumber: index + 1, number: index + 1, position: index })),
  calibrationNote: '',
  volume: { possible: true },
  frameOfReferenceUid: '1.3',
  imageBytes: side * side * 2,
});
