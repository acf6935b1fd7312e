/**
 * The one fetch of both portals: cookie session, CSRF header, problem details as typed errors. A 401
 * of a request waits until the session is there again and is then repeated, so nothing typed is lost.
 */
import { presenceHeaders } from './presence';
import { OfflineError, ProblemError, toProblem } from './problem';
import { session } from './session';
import { serverClock } from '../time/server-clock';

const SAFE = new Set(['GET', 'HEAD', 'OPTIONS']);

export function readCookie(name: string, cookies: string = document.cookie): string {
  for (const part of cookies.split(';')) {
    const [key, ...value] = part.trim().split('=');
    if (key === name) return decodeURIComponent(value.join('='));
  }
  return '';
}

/** A fetch for the generated client: same signature as `fetch`, with the session's care around it. */
export async function portalFetch(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(input, init);
  const repeat = request.clone();
  const response = await send(request);
  if (response.status !== 401) return response;
  await session.renewed();
  return send(repeat);
}

async function send(request: Request): Promise<Response> {
  const headers = new Headers(request.headers);
  Object.entries(presenceHeaders()).forEach(([name, value]) => headers.set(name, value));
  if (!SAFE.has(request.method)) headers.set('X-CSRF-Token', readCookie('csrf'));
  const askedAt = Date.now();
  try {
    const response = await fetch(new Request(request, { headers, credentials: 'same-origin' }));
    // What may come out of the browser's own store tells a time that is past.
    if (response.headers.get('Cache-Control') === 'no-store') serverClock.hear(response.headers.get('Date'), { askedAt, answeredAt: Date.now() });
    return response;
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new OfflineError();
  }
}

/** Throw the response's problem unless it is a success. */
export async function orProblem(response: Response): Promise<Response> {
  if (response.ok) return response;
  const body: unknown = await response.json().catch(() => null);
  throw new ProblemError(toProblem(response.status, body, response.headers.get('Retry-After')));
}

/** JSON in, JSON out, for the few calls that the generated client does not cover. */
export async function requestJson<Result>(path: string, init: RequestInit = {}): Promise<Result> {
  const headers = new Headers(init.headers);
  if (typeof init.body === 'string') headers.set('Content-Type', 'application/json');
  headers.set('Accept', 'application/json');
  const response = await orProblem(await portalFetch(path, { ...init, headers }));
  return (response.status === 204 ? undefined : await response.json()) as Result;
}
