/** A modality where there is no room for more than a short word; what a scanner calls by another code stays as it is. */
import type { Modality } from '../api/types';

const SHORT: Record<Modality, string> = { USG: 'USG', XRAY: 'X-ray', CT: 'CT', MRI: 'MRI' };

export const shortModality = (modality: string): string => (modality in SHORT ? SHORT[modality as Modality] : modality);
