/**
 * Paints the images of a clip over the viewport that they hang in.
 *
 * A viewport draws each image as a scene in space. Without a graphics card that takes a tenth of a second, and a heart
 * has thirty images in one. While a clip plays nothing changes but pixels, so they are painted on a canvas of their own,
 * which the browser stretches over the place of the image in the viewport. It stretches what is seen, where the viewport
 * stretches what was scanned and sets the window then: beyond the window edges are a little sharper, until the clip stands still.
 */

/** An image as it lies in memory: row by row, the samples of a pixel beside each other. */
export interface ClipImage {
  pixels: ArrayLike<number>;
  columns: number;
  rows: number;
  samples: number;
}

/** The values that are black and white, of each sample. */
export interface ClipShades {
  lower: number;
  upper: number;
  inverted: boolean;
}

/** Where the middles of the first pixel, of the last one of its row and of the last one of its column are seen, in CSS pixels of the viewport. */
export interface ClipPlace {
  first: [x: number, y: number];
  endOfRow: [x: number, y: number];
  endOfColumn: [x: number, y: number];
}

const OPAQUE = 0xff000000;

/** One pixel of the screen, `0xAABBGGRR`, for each of the image: between black and white in proportion (PS3.3 C.11.2.1.2.1). */
export function develop({ pixels, samples }: ClipImage, { lower, upper, inverted }: ClipShades, screen: Uint32Array): void {
  const [black, white] = inverted ? [upper, lower] : [lower, upper];
  const slope = 255 / (white - black || 1);
  const shade = (value: number): number => {
    const light = (value - black) * slope;
    return light <= 0 ? 0 : light >= 255 ? 255 : (light + 0.5) | 0;
  };
  if (samples === 1) {
    for (let at = 0; at < screen.length; at += 1) screen[at] = OPAQUE | (shade(pixels[at] as number) * 0x010101);
    return;
  }
  for (let at = 0, from = 0; at < screen.length; at += 1, from += samples) {
    screen[at] = OPAQUE | (shade(pixels[from + 2] as number) << 16) | (shade(pixels[from + 1] as number) << 8) | shade(pixels[from] as number);
  }
}

/** The CSS matrix that lays an image, a pixel of it one CSS pixel wide, on its place in the viewport. */
export function matrixOf({ columns, rows }: Pick<ClipImage, 'columns' | 'rows'>, { first, endOfRow, endOfColumn }: ClipPlace): string {
  const along = (end: [number, number], axis: 0 | 1, count: number) => (count > 1 ? (end[axis] - first[axis]) / (count - 1) : 0);
  const [a, b] = [along(endOfRow, 0, columns), along(endOfRow, 1, columns)];
  const [c, d] = [along(endOfColumn, 0, rows), along(endOfColumn, 1, rows)];
  // The corner of the first pixel lies half a pixel before its middle, in both directions.
  return `matrix(${[a, b, c, d, first[0] - (a + c) / 2, first[1] - (b + d) / 2].join(', ')})`;
}

/** A sheet over a viewport, on which the clip is seen; the one image that the viewport draws is hidden below, with its drawings. */
export class Clip {
  private readonly sheet = document.createElement('div');
  private readonly canvas = document.createElement('canvas');
  private readonly pen = this.canvas.getContext('2d', { alpha: false });
  private screen = new ImageData(1, 1);

  constructor(viewport: HTMLElement) {
    // The viewport below goes on hearing the mouse: the reader zooms, pans and sets the window while the clip plays.
    Object.assign(this.sheet.style, { position: 'absolute', inset: '0', overflow: 'hidden', background: '#000', pointerEvents: 'none' });
    Object.assign(this.canvas.style, { position: 'absolute', top: '0', left: '0', transformOrigin: '0 0' });
    this.sheet.dataset.clip = '';
    this.sheet.append(this.canvas);
    viewport.append(this.sheet);
  }

  show(image: ClipImage, shades: ClipShades, place: ClipPlace): void {
    if (this.screen.width !== image.columns || this.screen.height !== image.rows) {
      this.screen = new ImageData(image.columns, image.rows);
      [this.canvas.width, this.canvas.height] = [image.columns, image.rows];
    }
    develop(image, shades, new Uint32Array(this.screen.data.buffer));
    this.pen?.putImageData(this.screen, 0, 0);
    this.canvas.style.transform = matrixOf(image, place);
  }

  close(): void {
    this.sheet.remove();
  }
}
