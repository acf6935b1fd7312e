/** How viewports are arranged: plain data. A cell's role says what may be hung in it. */
export type LayoutId = '1x1' | '1x2' | '2x2' | 'prior' | 'mpr';
export type Orientation = 'axial' | 'sagittal' | 'coronal';

export interface Cell {
  id: string;
  area: string;
  orientation?: Orientation;
  prior?: true;
}

export interface Layout {
  id: LayoutId;
  label: string;
  template: string;
  cells: Cell[];
}

const cell = (id: string, extra: Partial<Cell> = {}): Cell => ({ id, area: id, ...extra });

export const LAYOUTS: Record<LayoutId, Layout> = {
  '1x1': { id: '1x1', label: 'One image', template: '"a" 1fr / 1fr', cells: [cell('a')] },
  '1x2': { id: '1x2', label: 'Two side by side', template: '"a b" 1fr / 1fr 1fr', cells: [cell('a'), cell('b')] },
  '2x2': {
    id: '2x2',
    label: 'Four images',
    template: '"a b" 1fr "c d" 1fr / 1fr 1fr',
    cells: [cell('a'), cell('b'), cell('c'), cell('d')],
  },
  prior: {
    id: 'prior',
    label: 'Current beside prior',
    template: '"a b" 1fr / 1fr 1fr',
    cells: [cell('a'), cell('b', { prior: true })],
  },
  mpr: {
    id: 'mpr',
    label: 'Reformat (MPR)',
    template: '"axial sagittal" 1fr "axial coronal" 1fr / 1.4fr 1fr',
    cells: [
      cell('axial', { orientation: 'axial' }),
      cell('sagittal', { orientation: 'sagittal' }),
      cell('coronal', { orientation: 'coronal' }),
    ],
  },
};
