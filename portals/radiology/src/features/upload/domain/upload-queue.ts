/**
 * Sends files one by one, some at a time, and keeps each one's fate. A file whose connection broke is tried
 * again by itself; sending the same bytes twice changes nothing on the server, so a folder may be dropped again.
 * A file in a zip is unpacked when its turn comes: of a whole archive no more lies unpacked than is being sent.
 */
import { readCookie } from '@shared/http/http';
import type { UploadResult, UploadWarning } from '@shared/api/generated/types.gen';
import { toProblem } from '@shared/http/problem';
import { session } from '@shared/http/session';
import type { Content } from './contents';
import { DamagedMember } from './zip';

export type Fate = 'waiting' | 'sending' | 'stored' | 'refused' | 'skipped' | 'retrying' | 'failed';

export interface QueuedFile {
  id: string;
  content: Pick<Content, 'bytes' | 'open'>;
  fate: Fate;
  sent: number;
  message: string;
}

export interface Fields {
  studyDescription: string;
  seriesNumber: string;
  sequenceName: string;
}

const AT_ONCE = 3;
const TRIES = 5;

interface End {
  fate: Fate;
  message: string;
}

type Send = (file: File, url: string, fields: Fields, onProgress: (sent: number) => void, signal: AbortSignal) => Promise<End>;

/** Its message is what the server said, if it said anything. */
export class ConnectionBroken extends Error {}

interface Answer {
  status: number;
  text: string;
}

/** One file as a form. A session that has ended is waited for, as with every request. */
export const sendFile: Send = async (file, url, fields, onProgress, signal) => {
  const form = new FormData();
  for (const [name, value] of Object.entries(fields)) if (value) form.append(name, value);
  form.append('image', file, file.name);
  const answer = await post(form, url, onProgress, signal);
  if (answer.status !== 401) return fateOfAnswer(answer);
  await session.renewed();
  signal.throwIfAborted();
  return fateOfAnswer(await post(form, url, onProgress, signal));
};

/** By XMLHttpRequest, since `fetch` tells no progress of what is sent. */
function post(form: FormData, url: string, onProgress: (sent: number) => void, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    const abort = () => request.abort();
    request.open('POST', url);
    request.setRequestHeader('X-CSRF-Token', readCookie('csrf'));
    request.upload.onprogress = (event) => onProgress(event.loaded);
    request.onerror = () => reject(new ConnectionBroken());
    request.onabort = () => reject(new DOMException('Stopped', 'AbortError'));
    request.onload = () => resolve({ status: request.status, text: request.responseText });
    request.onloadend = () => signal.removeEventListener('abort', abort);
    signal.addEventListener('abort', abort);
    request.send(form);
  });
}

/** No answer, a server that is away or busy: the file may arrive at the next try. */
const MAY_PASS = [0, 429, 502, 503, 504];

/** What became of a file, by the answer of the server, or of a proxy that answers in its place with a page. */
export function fateOfAnswer({ status, text }: Answer): End {
  const body = parsed(text);
  if (MAY_PASS.includes(status)) throw new ConnectionBroken(isResult(body) ? fateOf(body).message : status > 0 ? toProblem(status, body).detail : '');
  return status < 500 && isResult(body) ? fateOf(body) : { fate: 'failed', message: toProblem(status, body).detail };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

const isResult = (body: unknown): body is UploadResult => typeof body === 'object' && body !== null && 'files' in body;

/** The server's codes for what is stored and should still be looked at. */
const WARNINGS: Record<UploadWarning, string> = {
  patient_differs: 'The patient differs from the order: it waits under Unmatched for a decision',
  accession_differs: 'The accession number is not that of the order: the images go to the order that has it, or wait under Unmatched',
  modality_differs: 'The modality is not the one that was ordered: the images are filed with the order all the same, look whether it is the right one',
};

/** The fate of what was sent: of a zip, how many of its files were stored, why others were not, and what is to be looked at. */
export function fateOf({ files, stored }: UploadResult): End {
  const refusals = files.filter(({ status }) => status === 'REFUSED').map(({ message }) => message);
  const warnings = files.flatMap(({ warning }) => (warning ? [WARNINGS[warning]] : []));
  const count = files.length > 1 ? `${stored} of ${files.length} stored` : '';
  if (stored > 0) return { fate: 'stored', message: sentences([count, ...refusals, ...warnings]) };
  if (refusals.length > 0) return { fate: 'refused', message: sentences([count, ...refusals]) };
  return { fate: 'skipped', message: files[0]?.message ?? '' };
}

/** Each one once; a full stop stands between two of them. */
export function sentences(said: ReadonlyArray<string | undefined>): string {
  const parts = [...new Set(said)].filter((part): part is string => Boolean(part));
  return parts.map((part, index) => (index < parts.length - 1 && !part.endsWith('.') ? `${part}.` : part)).join(' ');
}

export class UploadQueue {
  private readonly controller = new AbortController();
  private readonly onChange: (id: string, change: Partial<QueuedFile>) => void;
  private readonly send: Send;

  constructor(onChange: (id: string, change: Partial<QueuedFile>) => void, send: Send = sendFile) {
    this.onChange = onChange;
    this.send = send;
  }

  stop(): void {
    this.controller.abort();
  }

  async run(files: readonly QueuedFile[], url: string, fields: Fields): Promise<void> {
    const waiting = files.filter(({ fate }) => fate === 'waiting' || fate === 'failed');
    const lane = async () => {
      for (let next = waiting.shift(); next && !this.controller.signal.aborted; next = waiting.shift()) await this.deliver(next, url, fields);
    };
    await Promise.all(Array.from({ length: AT_ONCE }, lane));
  }

  private async deliver({ id, content }: QueuedFile, url: string, fields: Fields): Promise<void> {
    const { signal } = this.controller;
    const tell = (change: Partial<QueuedFile>) => this.onChange(id, change);
    let said = '';
    for (let attempt = 1; attempt <= TRIES && !signal.aborted; attempt += 1) {
      tell({ fate: 'sending', sent: 0, message: '' });
      try {
        const file = await content.open(signal);
        signal.throwIfAborted();
        const end = await this.send(file, url, fields, (sent) => tell({ sent }), signal);
        return tell({ ...end, sent: content.bytes });
      } catch (error) {
        if (!(error instanceof ConnectionBroken)) return tell(endOf(error, signal));
        said = error.message;
        tell({ fate: 'retrying', message: sentences([said || 'The connection broke', 'Trying again']) });
        await lineAgain(700 * 2 ** attempt, signal);
      }
    }
    tell(signal.aborted ? STOPPED : { fate: 'failed', message: sentences([said || 'No connection', 'Press “Send” to go on.']) });
  }
}

const STOPPED = { fate: 'waiting', message: 'Stopped' } as const;

/** Why a file is not on its way any more. */
function endOf(error: unknown, signal: AbortSignal): End {
  if (signal.aborted) return STOPPED;
  if (error instanceof DamagedMember) return { fate: 'refused', message: 'It is damaged in the zip. It was not sent.' };
  if (error instanceof DOMException) return { fate: 'failed', message: 'The browser cannot read it any more: moved or changed since it was chosen. Choose it again.' };
  throw error;
}

/** Ends when the time is over and the computer has a network, at once when that comes back, or when all is stopped. */
function lineAgain(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      removeEventListener('online', end);
      resolve();
    };
    const timer = setTimeout(() => navigator.onLine && end(), milliseconds);
    signal.addEventListener('abort', end);
    addEventListener('online', end);
    if (signal.aborted) end();
  });
}
