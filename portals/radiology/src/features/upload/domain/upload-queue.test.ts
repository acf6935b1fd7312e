import { describe, expect, it } from 'vitest';
import type { QueuedFile } from './upload-queue';
import { fateOf, UploadQueue } from './upload-queue';

const queued = (id: string, fate: QueuedFile['fate'] = 'waiting'): QueuedFile => ({ id, file: new File(['x'], id), path: id, facts: null, fate, sent: 0, message: '' });
const result = (files: Array<{ status: 'STORED' | 'REFUSED' | 'SKIPPED'; message?: string; warning?: string }>) => ({
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
});

describe('the fate of a file', () => {
  it('is the server’s sentence when it is refused', () => {
    expect(fateOf(result([{ status: 'REFUSED', message: 'Not DICOM.' }]))).toEqual({ fate: 'refused', message: 'Not DICOM.' });
  });

  it('says in words what is to be looked at', () => {
    expect(fateOf(result([{ status: 'STORED', warning: 'patient_differs' }]))).toEqual({ fate: 'stored', message: 'The patient differs from the order: it waits under Unmatched for a decision' });
  });

  it('of a zip says how many of its files were stored', () => {
    expect(fateOf(result([{ status: 'STORED' }, { status: 'REFUSED', message: 'Not DICOM.' }]))).toEqual({ fate: 'stored', message: '1 of 2 stored. Not DICOM.' });
  });
});
