/** The id of a patient that was typed in: it follows from the number, so whoever types it in means the same one. */
const NAMESPACE = '3f0c4a0e-5c58-4c7d-9c0e-6e1d7d6f2a51';

/** A UUID of version 5 (RFC 9562) of the number. */
export async function patientIdOf(mrn: string): Promise<string> {
  const space = Uint8Array.from(NAMESPACE.replaceAll('-', '').match(/../g) ?? [], (pair) => parseInt(pair, 16));
  const name = new TextEncoder().encode(mrn.trim());
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-1', new Uint8Array([...space, ...name]))).slice(0, 16);
  hash[6] = ((hash[6] ?? 0) & 0x0f) | 0x50;
  hash[8] = ((hash[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
