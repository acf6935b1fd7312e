/**
 * Calls of the generated client: through the portal's own fetch, with problems thrown. Answers carry every
 * field that has a default, which OpenAPI writes as optional; `Told` takes them at the server's word.
 */
import { portalFetch, requestJson } from '../http/http';
import { ProblemError, toProblem } from '../http/problem';
import { client } from './generated/client.gen';
import { getRequest } from './generated/sdk.gen';
import type { RequestState } from './generated/types.gen';

export type Told<Type> = Type extends Array<infer Item>
  ? Array<Told<Item>>
  : Type extends object
    ? { [Key in keyof Type]-?: Told<Exclude<Type[Key], undefined>> }
    : Type;

client.setConfig({ baseUrl: '', fetch: portalFetch as typeof fetch, querySerializer: { array: { explode: true, style: 'form' } } });

interface Answer<Data> {
  data?: Data | undefined;
  error?: unknown;
  response?: Response | undefined;
}

/** The data of a call, or its problem thrown. */
export async function ask<Data>(call: Promise<Answer<Data>>): Promise<Told<Exclude<Data, undefined>>> {
  const { data, error, response } = await call;
  if (response?.ok) return data as Told<Exclude<Data, undefined>>;
  if (error instanceof Error && !response) throw error;
  throw new ProblemError(toProblem(response?.status ?? 500, error, response?.headers.get('Retry-After') ?? null));
}

type Outcome<Data> = Told<Exclude<Data, undefined | RequestState>>;

const ASK_AGAIN_MS = 700;
const PATIENCE_MS = 30_000;

/**
 * The outcome of a write. The gateway answers at once when it knows it, and with 202 and an address to ask
 * again when its owner is slow; the caller of this waits in either case.
 */
export async function tell<Data>(call: Promise<Answer<Data>>): Promise<Outcome<Data>> {
  const answer = await call;
  const data = await ask(Promise.resolve(answer));
  if (answer.response?.status !== 202) return data as Outcome<Data>;
  return outcomeOf<Outcome<Data>>((data as unknown as RequestState).id);
}

async function outcomeOf<Result>(id: string): Promise<Result> {
  for (const until = Date.now() + PATIENCE_MS; Date.now() < until; ) {
    await new Promise((resolve) => setTimeout(resolve, ASK_AGAIN_MS));
    const { state, resourceUrl, problem } = await ask(getRequest({ path: { id } }));
    if (state === 'REJECTED') throw new ProblemError(toProblem(problem?.status ?? 409, problem));
    if (state === 'DONE' && resourceUrl) return requestJson<Result>(resourceUrl);
  }
  throw new ProblemError({ status: 503, code: 'outcome_unknown', title: '', detail: 'It was accepted, but takes longer than usual. This page will show it as soon as it is done.' });
}

/** As `ask`, with null for what is not there yet: an answer without content. */
export async function askForMaybe<Data>(call: Promise<Answer<Data>>): Promise<Told<Exclude<Data, undefined>> | null> {
  const answer = await call;
  return answer.response?.status === 204 ? null : ask(Promise.resolve(answer));
}

/** `If-Match` for a write on something that was read at a version. */
export function ifMatch(version: number): { 'If-Match': string } {
  return { 'If-Match': `"${version}"` };
}
