/**
 * Errors as the gateway tells them: RFC 9457 problem details with a stable code. `detail` is a
 * sentence for a person, and may be shown as it is.
 */
export interface Problem {
  status: number;
  code: string;
  title: string;
  detail: string;
  /** Which fields are wrong and why, so that a form can say it where it is typed. */
  errors?: FieldError[];
  retryAfterSeconds?: number;
  /** Present on 409 of an optimistic version check: what the server holds now. */
  current?: unknown;
}

export interface FieldError {
  /** Path of the field, as `patient.name`. */
  field: string;
  message: string;
}

export class ProblemError extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.detail || problem.title);
    this.name = 'ProblemError';
    this.problem = problem;
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string {
    return this.problem.code;
  }
}

/** There was no answer: it is not known whether the request reached the gateway. */
export class OfflineError extends Error {
  constructor() {
    super('The hospital network cannot be reached. What you typed is still here.');
    this.name = 'OfflineError';
  }
}

/** A refusal is final; whether it is none, and may pass by itself. */
export const mayPass = (error: unknown): boolean => error instanceof OfflineError || (error instanceof ProblemError && (error.status === 503 || error.status === 429));

const SENTENCES: Record<number, string> = {
  400: 'The request was not understood.',
  401: 'You are not signed in any more.',
  403: 'Your role does not allow this.',
  404: 'This does not exist, or you may not see it.',
  409: 'Somebody else changed this in the meantime.',
  413: 'This is larger than the server takes.',
  422: 'Something in the form is not right.',
  503: 'The system is not ready for this just now. Please try again in a moment.',
};

interface ProblemBody {
  code?: unknown;
  type?: unknown;
  title?: unknown;
  detail?: unknown;
  current?: unknown;
  errors?: unknown;
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : '');

function fieldErrors(errors: unknown): FieldError[] {
  if (!Array.isArray(errors)) return [];
  return errors
    .map((error: { field?: unknown; loc?: unknown; message?: unknown; msg?: unknown }) => ({
      field: Array.isArray(error.loc) ? error.loc.slice(1).join('.') : asText(error.field),
      message: asText(error.message) || asText(error.msg),
    }))
    .filter(({ field, message }) => field || message);
}

const inOneLine = (errors: FieldError[]): string => errors.map(({ field, message }) => [field, message].filter(Boolean).join(': ')).join('; ');

/** Read any body that came with an error status; never throws, since it runs while failing. */
export function toProblem(status: number, body: unknown, retryAfter: string | null = null): Problem {
  const told: ProblemBody = typeof body === 'object' && body !== null ? body : {};
  const detail = asText(told.detail) || inOneLine(fieldErrors(told.detail));
  const fields = fieldErrors(told.errors);
  const fallback = SENTENCES[status] ?? 'Something went wrong on the server. It has been logged.';
  const seconds = Number(retryAfter);
  return {
    status,
    code: asText(told.code) || asText(told.type).split(/[/:]/).pop() || `http_${status}`,
    title: asText(told.title) || fallback,
    detail: [detail || asText(told.title) || fallback, inOneLine(fields)].filter(Boolean).join(' '),
    ...(fields.length > 0 ? { errors: fields } : {}),
    ...(retryAfter && Number.isFinite(seconds) ? { retryAfterSeconds: seconds } : {}),
    ...(told.current === undefined ? {} : { current: told.current }),
  };
}

/** The sentence to show for whatever was thrown. */
export function sentenceOf(error: unknown): string {
  if (error instanceof ProblemError || error instanceof OfflineError) return error.message;
  return 'Something went wrong in this page. Reload it; what you typed is kept.';
}
