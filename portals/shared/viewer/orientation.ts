/** Letters at the edges of an image, from directions in the patient (PS3.3 C.7.6.1.1.1). */
export type Vector3 = [number, number, number];

const AXES: ReadonlyArray<[string, string]> = [
  ['L', 'R'],
  ['P', 'A'],
  ['H', 'F'],
];

/** `L`, `AR`, ...: the main direction first, a second one when it is oblique enough to matter. */
export function directionLetters(direction: Vector3): string {
  return direction
    .map((component, axis) => ({ size: Math.abs(component), letter: AXES[axis]?.[component > 0 ? 0 : 1] ?? '' }))
    .filter(({ size }) => size > 0.25)
    .sort((one, other) => other.size - one.size)
    .slice(0, 2)
    .map(({ letter }) => letter)
    .join('');
}

/** The axis of the patient (0 left, 1 back, 2 head) that a direction runs along most. */
export function mainAxis(direction: Vector3): 0 | 1 | 2 {
  const [x, y, z] = direction.map(Math.abs) as Vector3;
  if (z >= x && z >= y) return 2;
  return x >= y ? 0 : 1;
}

const PLANES = ['sagittal', 'coronal', 'axial'] as const;

/** What slices across a direction are called. */
export function planeName(normal: Vector3): (typeof PLANES)[number] {
  return PLANES[mainAxis(normal)];
}

const cosine = (one: Vector3, other: Vector3): number => one[0] * other[0] + one[1] * other[1] + one[2] * other[2];

/** Whether slices are cut in one direction, but for what scanners round. */
export function areParallel(one: Vector3, other: Vector3): boolean {
  return Math.abs(cosine(one, other)) > 0.999;
}

/** Whether two series show the same levels: a head is rarely tilted twice in the same way, by up to 30 degrees. */
export function areAlike(one: Vector3, other: Vector3): boolean {
  return Math.abs(cosine(one, other)) > Math.cos(Math.PI / 6);
}

export interface EdgeLetters {
  top: string;
  right: string;
  bottom: string;
  left: string;
}

const cross = (a: Vector3, b: Vector3): Vector3 => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const opposite = ([x, y, z]: Vector3): Vector3 => [-x, -y, -z];

/** `viewNormal` points from the image to the reader. */
export function edgeLetters(viewUp: Vector3, viewNormal: Vector3): EdgeLetters {
  const right = cross(viewUp, viewNormal);
  return {
    top: directionLetters(viewUp),
    right: directionLetters(right),
    bottom: directionLetters(opposite(viewUp)),
    left: directionLetters(opposite(right)),
  };
}

/** The patient's directions of an image's rows (to the right) and columns (downwards), as letters. */
export type ImageDirections = readonly [row: string, column: string];

const OPPOSITES: Record<string, string> = { L: 'R', R: 'L', P: 'A', A: 'P', H: 'F', F: 'H' };

/** Patient Orientation (PS3.3 C.7.6.1.1.1); undefined when it is missing or says anything but directions. */
export function imageDirections(values: readonly unknown[]): ImageDirections | undefined {
  const [row, column] = values;
  const isDirection = (value: unknown): value is string => typeof value === 'string' && /^[LRPAHF]{1,3}$/.test(value);
  return values.length === 2 && isDirection(row) && isDirection(column) ? [row, column] : undefined;
}

const oppositeLetters = (letters: string): string => [...letters].map((letter) => OPPOSITES[letter] ?? '').join('');

/**
 * Letters for an image that has directions but no place, as a projection X-ray: the viewer lays it with its
 * rows along x and its columns along y. An edge between two of its axes gets none.
 */
export function projectionLetters(viewUp: Vector3, viewNormal: Vector3, [row, column]: ImageDirections): EdgeLetters {
  const lettersOf = ([x, y]: Vector3): string => {
    if (Math.abs(x) > 0.9) return x > 0 ? row : oppositeLetters(row);
    if (Math.abs(y) > 0.9) return y > 0 ? column : oppositeLetters(column);
    return '';
  };
  const right = cross(viewUp, viewNormal);
  return { top: lettersOf(viewUp), right: lettersOf(right), bottom: lettersOf(opposite(viewUp)), left: lettersOf(opposite(right)) };
}
