/**
 * Calls of the generated client: through the portal's own fetch, with problems thrown. Answers carry every
 * field that has a default, which OpenAPI writes as optional; `Told` takes them at the server's word.
 */
import { orProblem, portalFetch } from '../http/http';
import { ProblemError, toProblem } from '../http/problem';
import { client } from './generated/client.gen';

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

/** As `ask`, with null for what does not exist. */
export async function askForMaybe<Data>(call: Promise<Answer<Data>>): Promise<Told<Exclude<Data, undefined>> | null> {
  try {
    return await ask(call);
  } catch (error) {
    if (error instanceof ProblemError && error.status === 404) return null;
    throw error;
  }
}

/** `If-Match` for a write on something that was read at a version. */
export function ifMatch(version: number): { 'If-Match': string } {
  return { 'If-Match': `"${version}"` };
}

export { orProblem };
