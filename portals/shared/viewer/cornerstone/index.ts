/**
 * The only folder that imports Cornerstone3D; everything else speaks of cells, display sets and tools.
 * Imports are by name: a namespace kept in an object would defeat tree-shaking (a quarter of a megabyte).
 */
export * from './drawings';
export { registerInstance } from './instances';
export { rehearse } from './rehearsal';
export * from './stage';
export { hasWebGl2, purgeCache, startCornerstone, warm } from './start';
export { isDrawingTool, onTextWanted } from './tools';
export type { ToolId } from './tools';
