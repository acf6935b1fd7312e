import { session } from '@shared/http/session';
import { afterEach, expect, it, vi } from 'vitest';
import { sendFile } from './upload-queue';

const STORED = { status: 200, text: JSON.stringify({ stored: 1, files: [{ status: 'STORED' }] }) };
const SIGNED_OUT = { status: 401, text: '{}' };

/** A server that gives these answers, one for each request. */
function answering(...answers: Array<{ status: number; text: string }>): void {
  class Request {
    readonly upload = {};
    status = 0;
    responseText = '';
    onload = () => undefined;
    onloadend = () => undefined;
    open() {}
    abort() {}
    setRequestHeader() {}
    send() {
      const { status, text } = answers.shift() ?? { status: 500, text: '' };
      Object.assign(this, { status, responseText: text });
      this.onload();
      this.onloadend();
    }
  }
  vi.stubGlobal('XMLHttpRequest', Request);
}

afterEach(() => {
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

const send = (signal = new AbortController().signal) => sendFile(new File(['x'], 'a.dcm'), '/images', { studyDescription: '', seriesNumber: '', sequenceName: '' }, () => undefined, signal);

it('a file that is sent as the session ends waits until somebody is signed in, and is sent then', async () => {
  answering(SIGNED_OUT, STORED);
  const renewed = vi.spyOn(session, 'renewed').mockResolvedValue();

  expect(await send()).toMatchObject({ fate: 'stored' });
  expect(renewed).toHaveBeenCalledOnce();
});

it('who has stopped the upload meanwhile sends nothing more', async () => {
  answering(SIGNED_OUT, STORED);
  const upload = new AbortController();
  vi.spyOn(session, 'renewed').mockImplementation(async () => upload.abort());

  await expect(send(upload.signal)).rejects.toMatchObject({ name: 'AbortError' });
});
