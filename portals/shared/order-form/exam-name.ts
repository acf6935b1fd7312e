import { shortModality } from '../theme/modality';

/** The modality before the name of an exam, unless the name begins with it. */
export function examName(modality: string, name: string): string {
  return [beginsWith(modality, name) ? '' : shortModality(modality), name].filter(Boolean).join(' ');
}

/** Orders and scanners spell it with a letter more or less: MR and MRI, US and USG, CT and CTA, X-ray and XRAY. */
function beginsWith(modality: string, name: string): boolean {
  const word = (name.split(' ')[0] ?? '').replaceAll('-', '').toUpperCase();
  const [shorter = '', longer = ''] = [word, modality].sort((one, other) => one.length - other.length);
  return shorter.length > 1 && longer.startsWith(shorter) && longer.length - shorter.length <= 1;
}
