import type { Order } from '../api/types';

/** What was written to the answers of a screening, with the words on those that differ from the order. */
export function screeningDetails({ contrast, mri }: NonNullable<Order['screening']>): string[] {
  return [contrast?.allergyDetail ?? '', mri?.detail ?? ''].filter(Boolean);
}
