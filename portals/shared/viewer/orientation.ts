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
