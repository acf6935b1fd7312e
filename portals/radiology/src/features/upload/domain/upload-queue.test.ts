import type { UploadWarning } from '@shared/api/generated/types.gen';
import { describe, expect, it, vi } from 'vitest';
import type { QueuedFile } from './upload-queue';
import { ConnectionBroken, fateOf, fateOfAnswer, UploadQueue } from './upload-queue';
import { DamagedMember } from './zip';

const queued = (id: string, fate: QueuedFile['fate'] = 'waiting', open: QueuedFile['content']['open'] = () => Promise.resolve(new File(['x'], id))): QueuedFile => ({ id, content: { bytes: 1, open }, fate, sent: 0, message: '' });
const result = (files: Array<{ status: 'STORED' | 'REFUSED' | 'SKIPPED'; message?: string; warning?: UploadWarning }>) => ({
  files: files.map((file) => ({ fileName: 'f', ...file })),
  stored: files.filter(({ status }) => status === 'STORED').length,
  refused: files.filter(({ status }) => status === 'REFUSED').length,
  skipped: files.filter(({ status }) => status === 'SKIPPED').length,
});
const fields = { studyDescription: '', seriesNumber: '', sequenceName: '' };

describe('an upload', () => {
  it('sends each waiting file once, and leaves what is stored alone', async () => {
    const sent: string[] = [];
    const queue = new UploadQueue(() => undefined, (file) => {
      sent.push(file.name);
      return Promise.resolve({ fate: 'stored', message: '' });
    });

    await queue.run([queued('a'), queued('b', 'stored'), queued('c', 'failed')], '/', fields);

    expect(sent.sort()).toEqual(['a', 'c']);
  });

  it('sends three at a time', async () => {
    let [now, most] = [0, 0];
    const queue = new UploadQueue(() => undefined, async () => {
      now += 1;
      most = Math.max(most, now);
      await new Promise((resolve) => setTimeout(resolve, 1));
      now -= 1;
      return { fate: 'stored', message: '' };
    });

    await queue.run(Array.from({ length: 10 }, (_, index) => queued(String(index))), '/', fields);

    expect(most).toBe(3);
  });

  it('that is stopped while a file waits for its next try sends it no more, and ends at once', async () => {
    const fates: Array<string | undefined> = [];
    let tries = 0;
    const queue = new UploadQueue(
      (_, { fate }) => {
        fates.push(fate);
        if (fate === 'retrying') queue.stop();
      },
      () => {
        tries += 1;
        return Promise.reject(new ConnectionBroken());
      },
    );

    await queue.run([queued('a')], '/', fields);

    expect(tries).toBe(1);
    expect(fates).toEqual(['sending', 'retrying', 'waiting']);
  });

  it('goes on by itself when the computer has a network again, however long that takes', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    const network = vi.spyOn(navigator, 'onLine', 'get').mockReturnValue(false);
    const stored: string[] = [];
    const queue = new UploadQueue((id, { fate }) => fate === 'stored' && stored.push(id), () => (navigator.onLine ? Promise.resolve({ fate: 'stored', message: '' }) : Promise.reject(new ConnectionBroken())));

    const run = queue.run([queued('a'), queued('b'), queued('c'), queued('d')], '/', fields);
    await vi.advanceTimersByTimeAsync(3_600_000);
    expect(stored).toEqual([]);
    network.mockReturnValue(true);
    window.dispatchEvent(new Event('online'));
    await run;

    expect(stored.sort()).toEqual(['a', 'b', 'c', 'd']);
    vi.useRealTimers();
    network.mockRestore();
  });

  it('of a file that cannot be unpacked or read any more says so, and goes on with the others', async () => {
    const said: Record<string, Partial<QueuedFile>> = {};
    const queue = new UploadQueue((id, change) => (said[id] = { ...said[id], ...change }), () => Promise.resolve({ fate: 'stored', message: '' }));

    await queue.run([queued('damaged', 'waiting', () => Promise.reject(new DamagedMember())), queued('gone', 'waiting', () => Promise.reject(new DOMException('', 'NotReadableError'))), queued('a')], '/', fields);

    expect(said.damaged).toMatchObject({ fate: 'refused', message: 'It is damaged in the zip. It was not sent.' });
    expect(said.gone).toMatchObject({ fate: 'failed', message: 'The browser cannot read it any more: moved or changed since it was chosen. Choose it again.' });
    expect(said.a).toMatchObject({ fate: 'stored' });
  });

  it('that is stopped while a file is unpacked does not send it', async () => {
    let sent = 0;
    const fates: Array<string | undefined> = [];
    const queue = new UploadQueue((_, { fate }) => fates.push(fate), () => Promise.resolve({ fate: 'stored', message: String((sent += 1)) }));

    await queue.run([queued('a', 'waiting', () => (queue.stop(), Promise.resolve(new File(['x'], 'a'))))], '/', fields);

    expect(sent).toBe(0);
    expect(fates).toEqual(['sending', 'waiting']);
  });
});

describe('an answer', () => {
  it('of a proxy whose server is away is no end: the file is tried again', () => {
    for (const status of [0, 429, 502, 503, 504]) expect(() => fateOfAnswer({ status, text: '<html>Bad Gateway</html>' })).toThrow(ConnectionBroken);
  });

  it('of a server that has no room for the file just now is told in its words while it is tried again', () => {
    const full = JSON.stringify(result([{ status: 'REFUSED', message: 'There is no room just now. Send the file again later.' }]));

    expect(() => fateOfAnswer({ status: 503, text: full })).toThrow('There is no room just now. Send the file again later.');
  });

  it('of a proxy that takes nothing so large is told as such', () => {
    expect(fateOfAnswer({ status: 413, text: '<html>Request Entity Too Large</html>' })).toEqual({ fate: 'failed', message: 'This is larger than the server takes.' });
  });

  it('that cannot be read leaves the file unsent, with a reason', () => {
    for (const status of [200, 500]) expect(fateOfAnswer({ status, text: '<html>' })).toEqual({ fate: 'failed', message: 'Something went wrong on the server. It has been logged.' });
  });

  it('with the server’s own reason tells that one', () => {
    expect(fateOfAnswer({ status: 409, text: '{"detail": "The order was cancelled."}' })).toEqual({ fate: 'failed', message: 'The order was cancelled.' });
  });
});

describe('the fate of a file', () => {
  it('is the server’s sentence when it is refused', () => {
    expect(fateOf(result([{ status: 'REFUSED', message: 'Not DICOM.' }]))).toEqual({ fate: 'refused', message: 'Not DICOM.' });
  });

  it('says in words what is to be looked at', () => {
    expect(fateOf(result([{ status: 'STORED', warning: 'patient_differs' }]))).toEqual({ fate: 'stored', message: 'The patient differs from the order: it waits under Unmatched for a decision' });
  });

  it.each([
    ['accession_differs' as const, 'The accession number is not that of the order: the images go to the order that has it, or wait under Unmatched'],
    ['modality_differs' as const, 'The modality is not the one that was ordered: the images are filed with the order all the same, look whether it is the right one'],
  ])('that was stored says in words what is to be looked at: %s', (warning, message) => {
    expect(fateOf(result([{ status: 'STORED', warning }]))).toEqual({ fate: 'stored', message });
  });

  it('of a zip says how many of its files were stored', () => {
    expect(fateOf(result([{ status: 'STORED' }, { status: 'REFUSED', message: 'Not DICOM.' }]))).toEqual({ fate: 'stored', message: '1 of 2 stored. Not DICOM.' });
  });

  it('of a zip of which some are refused tells what is to be looked at, too', () => {
    const { message } = fateOf(result([{ status: 'STORED', warning: 'patient_differs' }, { status: 'REFUSED', message: 'Not DICOM.' }]));

    expect(message).toBe('1 of 2 stored. Not DICOM. The patient differs from the order: it waits under Unmatched for a decision');
  });
});
