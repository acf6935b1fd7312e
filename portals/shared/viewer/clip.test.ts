/** What a clip shows must be what the viewport draws: the shades of the window, in the place of the image. */
import { describe, expect, it } from 'vitest';
import type { ClipPlace } from './clip';
import { develop, matrixOf } from './clip';

const SCREEN_OF = { lower: 0, upper: 255, inverted: false };

function developed(pixels: number[], shades = SCREEN_OF, samples = 1): string[] {
  const screen = new Uint32Array(pixels.length / samples);
  develop({ pixels, samples, columns: screen.length, rows: 1 }, shades, screen);
  return [...screen].map((pixel) => pixel.toString(16));
}

describe('a pixel of a clip', () => {
  it('is grey in proportion to its place in the window, black below it and white above', () => {
    expect(developed([-1000, -100, 155, 410, 3000], { lower: -100, upper: 410, inverted: false })).toEqual(['ff000000', 'ff000000', 'ff808080', 'ffffffff', 'ffffffff']);
  });

  it('is bright where it was dark when the image is inverted', () => {
    expect(developed([0, 51, 255], { ...SCREEN_OF, inverted: true })).toEqual(['ffffffff', 'ffcccccc', 'ff000000']);
  });

  it('is black or white in a window without width', () => {
    expect(developed([6, 7, 8], { lower: 7, upper: 7, inverted: false })).toEqual(['ff000000', 'ff000000', 'ffffffff']);
  });

  it.each([3, 4])('keeps its colours, of %i samples', (samples) => {
    const pixel = [0x11, 0x22, 0x33, 0xff].slice(0, samples);

    expect(developed([...pixel, ...pixel], SCREEN_OF, samples)).toEqual(['ff332211', 'ff332211']);
  });
});

describe('an image of a clip lies where the viewport draws it', () => {
  const corner = (place: ClipPlace, column: number, row: number) => {
    const [a, b, c, d, e, f] = matrixOf({ columns: 5, rows: 3 }, place).slice('matrix('.length, -1).split(', ').map(Number) as [number, number, number, number, number, number];
    return [a * column + c * row + e, b * column + d * row + f];
  };

  it('zoomed and moved', () => {
    const place: ClipPlace = { first: [11, 21], endOfRow: [19, 21], endOfColumn: [11, 25] };

    expect([corner(place, 0, 0), corner(place, 5, 3), corner(place, 0.5, 0.5)]).toEqual([[10, 20], [20, 26], [11, 21]]);
  });

  it('turned by a quarter and flipped, with pixels that are higher than wide', () => {
    const turned: ClipPlace = { first: [30, 10], endOfRow: [30, 18], endOfColumn: [22, 10] };
    const flipped: ClipPlace = { first: [18, 10], endOfRow: [10, 10], endOfColumn: [18, 18] };

    expect([corner(turned, 0.5, 0.5), corner(turned, 4.5, 0.5), corner(turned, 0.5, 2.5)]).toEqual([[30, 10], [30, 18], [22, 10]]);
    expect([corner(flipped, 0.5, 0.5), corner(flipped, 4.5, 0.5), corner(flipped, 0.5, 2.5)]).toEqual([[18, 10], [10, 10], [18, 18]]);
  });
});
