/** The tools that a reader holds: which there are, what they ask and say, and which button of the mouse has them. */
import {
  AngleTool,
  ArrowAnnotateTool,
  BidirectionalTool,
  CrosshairsTool,
  EllipticalROITool,
  Enums,
  LengthTool,
  MagnifyTool,
  PanTool,
  RectangleROITool,
  StackScrollTool,
  ToolGroupManager,
  WindowLevelTool,
  ZoomTool,
} from '@cornerstonejs/tools';
import type { Types } from '@cornerstonejs/tools';
import type { DrawnAnnotation } from '../measurements';
import { valueText } from '../measurements';
import { onImage } from './instances';

export type ToolId =
  | 'window'
  | 'pan'
  | 'zoom'
  | 'scroll'
  | 'magnify'
  | 'crosshairs'
  | 'length'
  | 'angle'
  | 'bidirectional'
  | 'ellipse'
  | 'rectangle'
  | 'arrow';

export const TOOLS = {
  window: WindowLevelTool,
  pan: PanTool,
  zoom: ZoomTool,
  scroll: StackScrollTool,
  magnify: MagnifyTool,
  length: LengthTool,
  angle: AngleTool,
  bidirectional: BidirectionalTool,
  ellipse: EllipticalROITool,
  rectangle: RectangleROITool,
  arrow: ArrowAnnotateTool,
} as const;

const DRAWING: ToolId[] = ['length', 'angle', 'bidirectional', 'ellipse', 'rectangle', 'arrow'];

export const isDrawingTool = (tool: ToolId): boolean => DRAWING.includes(tool);

const { MouseBindings } = Enums;
const PLANE_COLORS: Record<string, string> = { axial: 'rgb(240, 120, 110)', sagittal: 'rgb(240, 200, 90)', coronal: 'rgb(120, 210, 150)' };

/** Ask the reader for the text of an arrow; the page sets this, since a browser prompt blocks everything. */
let askText: (current: string) => Promise<string | null> = () => Promise.resolve(null);

export function onTextWanted(ask: (current: string) => Promise<string | null>): void {
  askText = ask;
}

export function makeToolGroup(id: string, planes: boolean): Types.IToolGroup {
  const group = ToolGroupManager.createToolGroup(id);
  if (!group) throw new Error(`Tool group ${id} exists already`);
  for (const [name, tool] of Object.entries(TOOLS)) group.addTool(tool.toolName, configurationOf(name as keyof typeof TOOLS));
  if (planes) {
    group.addTool(CrosshairsTool.toolName, {
      getReferenceLineColor: (viewportId: string) => PLANE_COLORS[viewportId] ?? 'rgb(160, 200, 210)',
      // A slab set by its handles in one plane would be another than the one that is set, and told, for all.
      getReferenceLineSlabThicknessControlsOn: () => false,
    });
  }
  return group;
}

/**
 * Give the left mouse button a tool; the wheel scrolls, the middle button pans, the right one zooms.
 *
 * While a clip plays nothing can be drawn or moved: it would be on the image that is hidden below.
 */
export function hold(group: Types.IToolGroup, wanted: ToolId, { isPlanes, isPlaying }: { isPlanes: boolean; isPlaying: boolean }): void {
  const tool = wanted === 'crosshairs' && !isPlanes ? 'window' : wanted;
  for (const [id, { toolName }] of Object.entries(TOOLS)) {
    const bindings = fixedBindings(id as ToolId);
    if (isPlaying && isDrawingTool(id as ToolId)) group.setToolEnabled(toolName);
    else if (id === tool) group.setToolActive(toolName, { bindings: [...bindings, { mouseButton: MouseBindings.Primary }] });
    else if (bindings.length > 0) releasePrimary(group, toolName, bindings);
    else if (isDrawingTool(id as ToolId)) group.setToolPassive(toolName);
    else group.setToolDisabled(toolName);
  }
  if (isPlanes && group.getViewportIds().length > 0) holdCross(group, tool);
}

function holdCross(group: Types.IToolGroup, tool: ToolId): void {
  if (tool === 'crosshairs') group.setToolActive(CrosshairsTool.toolName, { bindings: [{ mouseButton: MouseBindings.Primary }] });
  // While drawing, a click near a line of the cross must draw and not drag the line.
  else if (isDrawingTool(tool)) group.setToolEnabled(CrosshairsTool.toolName);
  else group.setToolPassive(CrosshairsTool.toolName);
}

function fixedBindings(tool: ToolId): Array<{ mouseButton: number }> {
  if (tool === 'scroll') return [{ mouseButton: MouseBindings.Wheel }];
  if (tool === 'pan') return [{ mouseButton: MouseBindings.Auxiliary }];
  if (tool === 'zoom') return [{ mouseButton: MouseBindings.Secondary }];
  return [];
}

/** An active tool keeps its old bindings when it is activated again, so it is disabled in between. */
function releasePrimary(group: Types.IToolGroup, toolName: string, bindings: Array<{ mouseButton: number }>): void {
  group.setToolPassive(toolName, { removeAllBindings: true });
  group.setToolActive(toolName, { bindings });
}

function configurationOf(tool: keyof typeof TOOLS): Record<string, unknown> {
  if (tool === 'arrow') {
    const ask = (current: string, done: (text: string) => void) => void askText(current).then((text) => done(text ?? current));
    return {
      getTextCallback: (done: (text: string) => void) => ask('', done),
      changeTextCallback: (data: { data?: { label?: string } }, _event: unknown, done: (text: string) => void) =>
        ask(data.data?.label ?? '', done),
    };
  }
  if (tool === 'ellipse' || tool === 'rectangle') return { storePointData: false, getTextLines: textLines(TOOLS[tool].toolName) };
  return isDrawingTool(tool) ? { getTextLines: textLines(TOOLS[tool].toolName) } : {};
}

/** Beside a drawing stands what the list, the report and the structured report say of it. */
function textLines(toolName: string) {
  return (data: DrawnAnnotation['data'], target: string | string[]): string[] => {
    const imageId = /^imageId:(.*)$/.exec(String(target))?.[1] ?? '';
    const text = valueText({ metadata: { toolName }, data }, onImage(imageId, data));
    return text ? text.split(', ') : [];
  };
}
