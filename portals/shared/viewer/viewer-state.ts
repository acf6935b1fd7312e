/** All that the page renders of the viewer. */
import type { ToolId } from './cornerstone';
import type { DisplaySet } from './display-sets';
import type { LayoutId } from './layouts';
import type { MeasurementRecord } from './measurements';
import type { StudyListing } from './study-listing';

export interface ViewerState {
  studies: StudyListing[];
  sets: DisplaySet[];
  layout: LayoutId;
  hung: Record<string, string | undefined>;
  active: string;
  tool: ToolId;
  firstImageDrawn: boolean;
  /** The browser took the graphics away: what is seen follows no act any more. */
  graphicsLost: boolean;
  link: { offset: number } | null;
  /** The cell whose images are played, and how much of them is in memory, from 0 to 1. */
  cine: { cell: string; cached: number } | null;
  slabMm: number;
  volume: { share: number; step: number } | null;
  cached: { loaded: number; total: number } | null;
  measurements: MeasurementRecord[];
  selected: string | null;
  textPrompt: { current: string; done: (text: string | null) => void } | null;
  helpOpen: boolean;
  notice: string;
}

export const START: ViewerState = {
  studies: [],
  sets: [],
  layout: '1x1',
  hung: {},
  active: 'a',
  tool: 'window',
  firstImageDrawn: false,
  graphicsLost: false,
  link: null,
  cine: null,
  slabMm: 0,
  volume: null,
  cached: null,
  measurements: [],
  selected: null,
  textPrompt: null,
  helpOpen: false,
  notice: '',
};
