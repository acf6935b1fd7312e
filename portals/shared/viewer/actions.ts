/**
 * Everything a reader can do to the images, one object each: its name, its key, when it is allowed and
 * what it does. Toolbar, keyboard and help sheet are made from this list, so they cannot disagree.
 */
import {
  IconAdjustments,
  IconAngle,
  IconArrowBackUp,
  IconArrowsMaximize,
  IconArrowsMove,
  IconArrowUpRight,
  IconArrowsVertical,
  IconBox,
  IconChevronDown,
  IconChevronUp,
  IconCircleDotted,
  IconColumns2,
  IconContrast2,
  IconCrosshair,
  IconCross,
  IconFileDownload,
  IconFlipHorizontal,
  IconFlipVertical,
  IconHelp,
  IconLayoutGrid,
  IconLink,
  IconLinkOff,
  IconPhotoDown,
  IconPlayerPlay,
  IconRectangle,
  IconRotateClockwise,
  IconRuler2,
  IconSquare,
  IconTrash,
  IconVersions,
  IconZoom,
  IconZoomIn,
  IconZoomOut,
  IconZoomScan,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { ViewerController } from './controller';
import type { ViewerState } from './viewer-state';
import type { ToolId } from './cornerstone';
import type { LayoutId } from './layouts';
import { presetsFor } from './window-presets';

export type ActionGroup = 'Mouse tool' | 'Measure' | 'Image' | 'Layout' | 'Move' | 'Compare' | 'Save' | 'Help';

export interface ViewerAction {
  id: string;
  label: string;
  group: ActionGroup;
  /** As `KeyboardEvent.key`, lower case; `shift+` before it where needed. */
  keys: string[];
  icon?: ComponentType<{ size?: number; stroke?: number }>;
  inToolbar: boolean;
  /** Not in the toolbar of a small screen, which has one row: a wheel or two fingers do it, too. */
  isSpare?: boolean;
  isAllowed: (state: ViewerState, viewer: ViewerController) => boolean;
  /** Why the shown images do not allow it; `run` says it, too. */
  whyNot?: (viewer: ViewerController) => string | undefined;
  isActive?: (state: ViewerState) => boolean;
  run: (viewer: ViewerController) => void;
}

const always = () => true;
const isPlanes = (state: ViewerState) => state.layout === 'mpr';

function tool(id: ToolId, label: string, key: string, icon: ViewerAction['icon'], group: ActionGroup = 'Mouse tool'): ViewerAction {
  const draws = group === 'Measure';
  return {
    id: `tool-${id}`,
    label,
    group,
    keys: [key],
    ...(icon ? { icon } : {}),
    inToolbar: true,
    isAllowed: (state, viewer) => (id === 'crosshairs' ? isPlanes(state) : !draws || !viewer.readOnly),
    isActive: (state) => state.tool === id,
    run: (viewer) => viewer.setTool(id),
  };
}

function layout(id: LayoutId, label: string, key: string, icon: ViewerAction['icon'], isAllowed: ViewerAction['isAllowed'] = always): ViewerAction {
  return {
    id: `layout-${id}`,
    label,
    group: 'Layout',
    keys: [key],
    ...(icon ? { icon } : {}),
    inToolbar: true,
    isAllowed,
    isActive: (state) => state.layout === id,
    run: (viewer) => viewer.setLayout(id),
  };
}

interface Simple {
  icon?: ViewerAction['icon'];
  allowed?: ViewerAction['isAllowed'];
  active?: (state: ViewerState) => boolean;
  hidden?: boolean;
  spare?: boolean;
}

function act(id: string, label: string, group: ActionGroup, keys: string[], run: ViewerAction['run'], extra: Simple = {}): ViewerAction {
  return {
    id,
    label,
    group,
    keys,
    ...(extra.icon ? { icon: extra.icon } : {}),
    inToolbar: !extra.hidden,
    ...(extra.spare ? { isSpare: true } : {}),
    isAllowed: extra.allowed ?? always,
    ...(extra.active ? { isActive: extra.active } : {}),
    run,
  };
}

const presetName = (index: number): string => `Window ${index + 1} of the modality (CT: ${presetsFor('CT')[index]?.name ?? ''})`;
const hasPrior = (state: ViewerState) => state.studies.some((study) => study.prior);
const isBeside = (state: ViewerState) => state.layout === 'prior';

export const ACTIONS: ViewerAction[] = [
  tool('window', 'Window / level', 'w', IconAdjustments),
  tool('scroll', 'Scroll', 's', IconArrowsVertical),
  tool('pan', 'Pan', 'p', IconArrowsMove),
  tool('zoom', 'Zoom', 'z', IconZoom),
  tool('magnify', 'Magnifying glass', 'g', IconZoomScan),
  tool('crosshairs', 'Crosshairs', 'x', IconCrosshair),
  tool('length', 'Length', 'l', IconRuler2, 'Measure'),
  tool('angle', 'Angle', 'a', IconAngle, 'Measure'),
  tool('bidirectional', 'Long and short axis', 'b', IconCross, 'Measure'),
  tool('ellipse', 'Ellipse with statistics', 'e', IconCircleDotted, 'Measure'),
  tool('rectangle', 'Rectangle with statistics', 'r', IconRectangle, 'Measure'),
  tool('arrow', 'Arrow with text', 't', IconArrowUpRight, 'Measure'),
  act('delete', 'Delete the selected measurement', 'Measure', ['delete', 'backspace'], (viewer) => viewer.removeSelected(), {
    icon: IconTrash,
    allowed: (state, viewer) => state.selected !== null && !viewer.readOnly,
  }),
  act('invert', 'Invert', 'Image', ['i'], (viewer) => viewer.invert(), { icon: IconContrast2 }),
  act('rotate', 'Rotate by 90°', 'Image', ['o'], (viewer) => viewer.rotate(90), { icon: IconRotateClockwise, allowed: (state) => !isPlanes(state) }),
  act('flip-h', 'Flip left and right', 'Image', ['h'], (viewer) => viewer.flip('flipHorizontal'), { icon: IconFlipVertical, allowed: (state) => !isPlanes(state) }),
  act('flip-v', 'Flip up and down', 'Image', ['v'], (viewer) => viewer.flip('flipVertical'), { icon: IconFlipHorizontal, allowed: (state) => !isPlanes(state) }),
  act('zoom-in', 'Zoom in', 'Image', ['+', '='], (viewer) => viewer.zoomBy(1.2), { icon: IconZoomIn, spare: true }),
  act('zoom-out', 'Zoom out', 'Image', ['-'], (viewer) => viewer.zoomBy(1 / 1.2), { icon: IconZoomOut, spare: true }),
  act('reset', 'Reset the view', 'Image', ['0'], (viewer) => viewer.resetView(), { icon: IconArrowBackUp }),
  ...Array.from({ length: 8 }, (_, index) =>
    act(`preset-${index + 1}`, presetName(index), 'Image', [String(index + 1)], (viewer) => viewer.setPreset(index + 1), {
      hidden: true,
      allowed: (_state, viewer) => presetsFor(viewer.activeSet?.modality ?? '').length > index,
    }),
  ),
  act('cine', 'Play or stop', 'Image', [' '], (viewer) => void viewer.toggleCine(), {
    icon: IconPlayerPlay,
    allowed: (state, viewer) => !isPlanes(state) && (viewer.activeSet?.images.length ?? 0) > 1,
    active: (state) => state.cine !== null,
  }),
  layout('1x1', 'One image', 'shift+1', IconSquare),
  layout('1x2', 'Two side by side', 'shift+2', IconColumns2),
  layout('2x2', 'Four images', 'shift+4', IconLayoutGrid),
  {
    ...layout('mpr', 'Reformat (MPR)', 'm', IconBox, (state, viewer) => isPlanes(state) || (viewer.activeSet?.volume.possible ?? false)),
    whyNot: ({ activeSet }) => (activeSet && !activeSet.volume.possible ? activeSet.volume.reason : undefined),
    run: (viewer) => viewer.togglePlanes(),
  },
  layout('prior', 'Current beside prior', 'c', IconVersions, hasPrior),
  act('link', 'Link here: scroll both together', 'Compare', ['k'], (viewer) => viewer.linkHere(), { icon: IconLink, allowed: isBeside, active: (state) => state.link !== null }),
  act('unlink', 'Unlink', 'Compare', ['shift+k'], (viewer) => viewer.unlink(), { icon: IconLinkOff, allowed: (state) => state.link !== null }),
  act('next', 'Next image', 'Move', ['arrowdown', 'arrowright'], (viewer) => viewer.scroll(1), { icon: IconChevronDown, spare: true }),
  act('previous', 'Previous image', 'Move', ['arrowup', 'arrowleft'], (viewer) => viewer.scroll(-1), { icon: IconChevronUp, spare: true }),
  act('forward', 'Ten images on', 'Move', ['shift+arrowdown'], (viewer) => viewer.scroll(10), { hidden: true }),
  act('back', 'Ten images back', 'Move', ['shift+arrowup'], (viewer) => viewer.scroll(-10), { hidden: true }),
  act('first', 'First image', 'Move', ['home'], (viewer) => viewer.goToEnd('first'), { hidden: true }),
  act('last', 'Last image', 'Move', ['end'], (viewer) => viewer.goToEnd('last'), { hidden: true }),
  act('next-series', 'Next series', 'Move', ['pagedown'], (viewer) => viewer.stepSeries(1), { hidden: true }),
  act('previous-series', 'Previous series', 'Move', ['pageup'], (viewer) => viewer.stepSeries(-1), { hidden: true }),
  act('full-screen', 'Full screen', 'Layout', ['f'], toggleFullScreen, { icon: IconArrowsMaximize }),
  act('save-picture', 'Save what is shown (PNG)', 'Save', ['d'], (viewer) => void viewer.savePicture(), { icon: IconPhotoDown, allowed: (state) => state.firstImageDrawn }),
  act('save-instance', 'Save the image file (DICOM)', 'Save', ['shift+d'], (viewer) => void viewer.saveInstance(), {
    icon: IconFileDownload,
    allowed: (state, viewer) => state.firstImageDrawn && viewer.showsInstance,
  }),
  act('help', 'Keys', 'Help', ['?'], (viewer) => viewer.toggleHelp(), { icon: IconHelp, active: (state) => state.helpOpen }),
];

function toggleFullScreen(): void {
  if (document.fullscreenElement) void document.exitFullscreen();
  else void document.querySelector('[data-viewer]')?.requestFullscreen();
}

/** The key of an event as the actions name it. */
export function keyOf(event: Pick<KeyboardEvent, 'key' | 'code' | 'shiftKey'>): string {
  const digit = /^Digit(\d)$/.exec(event.code)?.[1];
  const key = event.shiftKey && digit ? digit : event.key.toLowerCase();
  const needsShift = event.shiftKey && (digit !== undefined || /^[a-z]$|^arrow/.test(key));
  return needsShift ? `shift+${key}` : key;
}

/** The action of a key that is allowed, or can say why not. */
export function actionForKey(key: string, viewer: ViewerController): ViewerAction | undefined {
  return ACTIONS.find((action) => action.keys.includes(key) && (action.isAllowed(viewer.getState(), viewer) || action.whyNot?.(viewer)));
}

const KEY_NAMES: Record<string, string> = { ' ': 'Space', arrowdown: '↓', arrowup: '↑', arrowleft: '←', arrowright: '→', pagedown: 'Page ↓', pageup: 'Page ↑', delete: 'Del' };

export function keyLabel(key: string): string {
  const [modifier, rest] = key.startsWith('shift+') ? ['Shift ', key.slice(6)] : ['', key];
  return modifier + (KEY_NAMES[rest] ?? (rest.length === 1 ? rest.toUpperCase() : rest.charAt(0).toUpperCase() + rest.slice(1)));
}
