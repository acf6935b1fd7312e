import type { Order } from '../api/types';
import type { Question } from '../order-entry/stated-safety';
import { QUESTIONS, saidOn } from '../order-entry/stated-safety';

type Screening = NonNullable<Order['screening']>;

/** What was written to the answers of a screening, with the words on those that the order contradicts. */
export function screeningDetails({ screening, statedSafety }: Pick<Order, 'screening' | 'statedSafety'>): string[] {
  if (!screening) return [];
  const { contrast, mri, confirmations } = screening;
  const confirmed = QUESTIONS.flatMap(({ id, label }) => {
    const word = confirmations?.[id];
    return word ? [`${label}: ${answered(screening, id)}. The order says: ${saidOn(statedSafety ?? {}, id)}. Confirmed: ${word}`] : [];
  });
  return [contrast?.allergyDetail ?? '', mri?.detail ?? '', ...confirmed].filter(Boolean);
}

function answered({ contrast, mri }: Screening, question: Question): string {
  switch (question) {
    case 'allergyToContrast':
      return contrast?.allergyToContrast ? 'yes' : 'no';
    case 'creatinineMgPerDl':
      return `${contrast?.creatinineMgPerDl} mg/dL`;
    case 'egfrMlPerMin':
      return `${contrast?.egfrMlPerMin} mL/min`;
    default:
      return mri?.[question] ? 'yes' : 'no';
  }
}
