/** Laboratory values as they are typed: kept as they stand, and refused in words. Bounds as in contracts/events/order_requested.py. */
const NUMBER = /^\d+([.,]\d+)?$/;

export function labValue(typed: string): number | null {
  const text = typed.trim();
  return NUMBER.test(text) ? Number(text.replace(',', '.')) : null;
}

export function creatinineProblem(typed: string): string {
  return problem(typed, 0.05, 30, 'A number in mg/dL, as 0.9; empty when it is not known.', '0.05 to 30 mg/dL. Is this in µmol/L?');
}

export function egfrProblem(typed: string): string {
  return problem(typed, 0, 250, 'A number in mL/min, as 84; empty when it is not known.', '0 to 250 mL/min.');
}

function problem(typed: string, min: number, max: number, noNumber: string, outside: string): string {
  if (typed.trim() === '') return '';
  const value = labValue(typed);
  if (value === null) return noNumber;
  return value < min || value > max ? outside : '';
}
