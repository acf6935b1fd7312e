/** A modality where there is no room for more than a short word. */
import type { Modality } from '../api/types';

const SHORT: Record<Modality, string> = { USG: 'USG', XRAY: 'X-ray', CT: 'CT', MRI: 'MRI' };

export const shortModality = (modality: Modality): string => SHORT[modality];
