import { MantineProvider } from '@mantine/core';
import { client } from '@shared/api/generated/client.gen';
import type { QuarantinedItem } from '@shared/api/types';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Quarantine } from './quarantine';

vi.mock('@shared/live/live', () => ({ useLiveMessages: () => undefined }));
vi.mock('@shared/shell/portal-context', () => ({ useClock: () => ({ dateTime: () => '11 Nov 2025 10:00' }) }));

const STORED = { bucket: 'b', key: 'k', sizeBytes: 9, sha256: '0'.repeat(64) };
const item = (id: string, stored: typeof STORED | null = STORED) =>
  ({
    studyInstanceUid: '1.2',
    studyVersion: 1,
    patientName: 'Testpatient^Tina',
    patientId: 'MRN-1',
    modality: 'CT',
    studyDescription: 'CT Chest',
    undoUntil: null,
    instance: { id, sopInstanceUid: '1.2.3', receivedAt: '2025-11-11T10:00:00Z', receivedFrom: 'CT_1', sizeBytes: 9, reason: 'Other content.', decision: '', decidedBy: null, decidedAt: null, decisionReason: '', received: STORED, stored },
  }) as unknown as QuarantinedItem;

const facts = (patientName: string) => ({ patientName, patientId: 'MRN-1', issuerOfPatientId: '', studyDescription: 'CT Chest', modality: 'CT', accessionNumber: '', seriesDescription: '', numberOfFrames: 1, sha256: '', problem: '' });

/** What the gateway answers, by the end of the address. */
let answers: Record<string, () => Response>;
let asked: Array<{ path: string; body: unknown }>;

class SeenAtOnce {
  private readonly seen: (entries: Array<{ isIntersecting: boolean }>) => void;
  constructor(seen: (entries: Array<{ isIntersecting: boolean }>) => void) {
    this.seen = seen;
  }
  observe(): void {
    this.seen([{ isIntersecting: true }]);
  }
  disconnect(): void {}
}

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('IntersectionObserver', SeenAtOnce);
  vi.stubGlobal('ResizeObserver', class { observe(): void {} unobserve(): void {} disconnect(): void {} });
  URL.createObjectURL = () => 'blob:picture';
  URL.revokeObjectURL = () => undefined;
  asked = [];
  answers = {
    '/quarantine': () => Response.json({ items: [item('q1')], total: 1, page: 1, pageSize: 200 }),
    '/quarantine/q1': () => Response.json({ received: facts('Otherpatient^Otto'), stored: facts('Testpatient^Tina') }),
    '/pictures/received': () => new Response(new Blob(['x']), { headers: { 'content-type': 'image/jpeg' } }),
    '/pictures/stored': () => new Response(new Blob(['x']), { headers: { 'content-type': 'image/jpeg' } }),
    '/people': () => Response.json({ items: [], total: 0, page: 1, pageSize: 50 }),
  };
  client.setConfig({
    baseUrl: 'http://gateway.test',
    fetch: async (input) => {
      const request = input as Request;
      const path = new URL(request.url).pathname;
      asked.push({ path, body: request.method === 'GET' ? null : await request.json() });
      const known = Object.keys(answers).find((end) => path.endsWith(end));
      return known ? (answers[known] as () => Response)() : new Response(null, { status: 404 });
    },
  });
});

afterEach(() => {
  cleanup();
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
});

/** `default`: dialogs stand outside the page, as in a browser. */
function page(env: 'test' | 'default' = 'test'): QueryClient {
  const queries = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  render(
    <QueryClientProvider client={queries}>
      <MantineProvider env={env}>
        <Quarantine />
      </MantineProvider>
    </QueryClientProvider>,
  );
  return queries;
}

const notDrawable = () =>
  Response.json({ status: 422, code: 'image_not_drawable', title: 'No picture', detail: 'The instance has no image.' }, { status: 422, headers: { 'content-type': 'application/problem+json' } });

describe('an image in quarantine', () => {
  it('is seen beside the one of the same number, with what differs between them', async () => {
    page();

    const card = within(await screen.findByRole('article'));
    expect(await card.findByRole('img', { name: 'In quarantine' })).toBeTruthy();
    expect(await card.findByRole('img', { name: 'Stored under the same number' })).toBeTruthy();
    const patient = (await card.findByRole('rowheader', { name: 'Patient' })).closest('tr') as HTMLElement;
    expect(within(patient).getAllByRole('cell').map((cell) => cell.textContent?.trim())).toEqual(['Otherpatient, Otto', 'Testpatient, Tina']);
    expect(within(patient).getByRole('img', { name: 'Differs:' })).toBeTruthy();
    const number = card.getByRole('rowheader', { name: 'Number' }).closest('tr') as HTMLElement;
    expect(within(number).queryByRole('img')).toBeNull();
  });

  it('that cannot be drawn says why, in the place of its picture', async () => {
    answers['/pictures/received'] = notDrawable;
    page();

    expect(await screen.findByText('The instance has no image.')).toBeTruthy();
    expect(await screen.findByRole('img', { name: 'Stored under the same number' })).toBeTruthy();
  });

  it('stands alone where nothing is stored of its study, and nothing is asked for that is not there', async () => {
    answers['/quarantine'] = () => Response.json({ items: [item('q1', null)], total: 1, page: 1, pageSize: 200 });
    answers['/quarantine/q1'] = () => Response.json({ received: facts('Otherpatient^Otto'), stored: null });
    page();

    expect(await screen.findByText('Nothing else is stored of this study.')).toBeTruthy();
    expect(asked.some(({ path }) => path.endsWith('/pictures/stored'))).toBe(false);
  });

  it('is decided over with a reason, by Enter, each time with a reason of its own', async () => {
    page();
    fireEvent.click(await screen.findByRole('button', { name: 'Leave out' }));
    fireEvent.change(await screen.findByRole('textbox', { name: 'Why' }), { target: { value: 'A copy' } });
    fireEvent.keyDown(document.body, { key: 'Escape' });
    await waitFor(() => expect(screen.queryByRole('textbox', { name: 'Why' })).toBeNull());
    fireEvent.click(screen.getByRole('button', { name: 'Keep as a new image' }));

    const why = await screen.findByRole<HTMLInputElement>('textbox', { name: 'Why' });
    expect(why.value).toBe('');
    fireEvent.change(why, { target: { value: ' Another slice ' } });
    fireEvent.submit(why);

    await waitFor(() => expect(asked.find(({ body }) => body)?.body).toEqual({ decision: 'KEEP_AS_NEW', reason: 'Another slice' }));
  });

  it('that somebody else decides over while it is asked why, takes the focus when the dialog is closed', async () => {
    // As in a browser, what is inert takes no focus.
    const { focus } = HTMLElement.prototype;
    vi.spyOn(HTMLElement.prototype, 'focus').mockImplementation(function (this: HTMLElement) {
      if (!this.closest('[inert]')) focus.call(this);
    });
    const queries = page('default');
    const button = await screen.findByRole('button', { name: 'Leave out' });
    button.focus();
    fireEvent.click(button);
    const why = await screen.findByRole('textbox', { name: 'Why' });
    await waitFor(() => expect(document.activeElement).toBe(why));

    answers['/quarantine'] = () => Response.json({ items: [item('q2')], total: 1, page: 1, pageSize: 200 });
    await act(() => queries.invalidateQueries());
    await screen.findByText('Somebody has dealt with this one');
    fireEvent.keyDown(document.body, { key: 'Escape' });

    await waitFor(() => expect(document.activeElement?.matches('[data-item]')).toBe(true));
    expect(document.activeElement?.textContent).toContain('Somebody has dealt with this one');
  });
});
