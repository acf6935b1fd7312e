/**
 * The digest of a report's text as report_consumer computes it (decision 8: RFC 8785, without members that
 * say nothing). Taken of what the signer has before their eyes: another text is refused.
 */
type Json = string | boolean | null | undefined | { [name: string]: Json };

/** Around a text the server drops white space, and what no page shows within; what is signed is shown like that before. */
const UNSEEN = /[\u0000-\u0008\u000b-\u001f]/gu;
const AROUND = /^[\s\u0085]+|[\s\u0085]+$/gu;

/** Texts as the server keeps them. */
export function asKept<Body extends Record<string, Json>>(body: Body): Body {
  return Object.fromEntries(Object.entries(body).map(([name, value]) => [name, typeof value === 'string' ? value.replace(UNSEEN, '').replace(AROUND, '') : value])) as Body;
}

export async function digestOf(content: Record<string, Json>): Promise<string> {
  const hash = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(canonical(content)));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function canonical(value: Json): string {
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  // JavaScript sorts as RFC 8785 wants it: by UTF-16 code units.
  const names = Object.keys(value)
    .filter((name) => saysSomething(value[name]))
    .sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(',')}}`;
}

function saysSomething(value: Json): boolean {
  return typeof value === 'object' && value !== null ? Object.values(value).some(saysSomething) : Boolean(value);
}
