/** Reading DICOM JSON (PS3.18 Annex F). Whatever is missing or malformed is undefined, never an error. */
interface Element {
  vr?: string;
  Value?: unknown[];
}

export type DicomJson = Record<string, Element>;

export function firstText(instance: DicomJson, tag: string): string {
  const value = instance[tag]?.Value?.[0];
  if (typeof value === 'string' || typeof value === 'number') return String(value);
  const name = (value as { Alphabetic?: unknown } | undefined)?.Alphabetic;
  return typeof name === 'string' ? name : '';
}

export function numbers(instance: DicomJson, tag: string): number[] {
  const values = instance[tag]?.Value?.map(Number) ?? [];
  return values.every(Number.isFinite) ? values : [];
}

export function firstNumber(instance: DicomJson, tag: string): number | undefined {
  return numbers(instance, tag)[0];
}

export function sequence(instance: DicomJson, tag: string): DicomJson[] {
  return (instance[tag]?.Value ?? []).filter((item): item is DicomJson => typeof item === 'object' && item !== null);
}

/** Whoever holds an element: the instance, or a functional group of the frame (PS3.3 C.7.6.16); empty if nobody does. */
export function elementOf(instance: DicomJson, frame: number, tag: string, group: string): DicomJson {
  const groups = [...sequence(instance, '52009230').slice(frame - 1, frame), ...sequence(instance, '52009229')];
  return [instance, ...groups.flatMap((item) => sequence(item, group))].find((holder) => tag in holder) ?? {};
}
