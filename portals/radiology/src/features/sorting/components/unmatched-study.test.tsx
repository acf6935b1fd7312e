import { MantineProvider } from '@mantine/core';
import { client } from '@shared/api/generated/client.gen';
import type { UnmatchedStudy } from '@shared/api/types';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Unmatched } from './unmatched-study';

vi.mock('@shared/live/live', () => ({ useLiveMessages: () => undefined }));
vi.mock('@shared/shell/portal-context', () => ({ useClock: () => ({ dateTime: () => '11 Nov 2025 10:00' }) }));

const series = (seriesInstanceUid: string, rows: number | null) => ({ seriesInstanceUid, modality: rows ? 'CT' : 'SR', rows, documentsRevision: 1 });
const study = { id: 's', studyInstanceUid: '1.2', patientName: 'Testpatient^Tina', patientId: 'MRN-1', issuerOfPatientId: '', patientBirthDate: '1970-01-02', modality: 'CT', bodyPart: '', studyDescription: 'CT Chest', studyDate: null, accessionNumber: 'A1', numberOfInstances: 3, numberOfSeries: 2, series: [series('1.2.1', null), series('1.2.2', 512)], match: { state: 'NO_ORDER', reason: '' }, receivedFrom: 'CT_1' };
const order = (changes: object = {}) => ({ id: 'o', orderNumber: 'IMG-1', accessionNumber: 'A2', modality: 'CT', studyType: 'CT Chest', scheduledDate: null, patient: { name: 'Testpatient^Tina', mrn: 'MRN-1', issuerOfPatientId: '', birthDate: '1970-01-02' }, studyInstanceUids: [], ...changes });

let answers: Record<string, () => Response>;

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  answers = {
    '/people': () => Response.json({ items: [], total: 0, page: 1, pageSize: 50 }),
    '/studies/1.9': () => Response.json({ ...study, studyInstanceUid: '1.9' }),
    '/orders/search': () => Response.json({ items: [order({ accessionNumber: 'A1' })], total: 1, page: 1, pageSize: 8 }),
  };
  client.setConfig({
    baseUrl: 'http://gateway.test',
    fetch: (input) => {
      const path = new URL((input as Request).url).pathname;
      const known = Object.keys(answers).find((end) => path.endsWith(end));
      return Promise.resolve(known ? (answers[known] as () => Response)() : new Response(null, { status: 404 }));
    },
  });
});

afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const card = (...suggestions: object[]) => cardOf(study, ...suggestions);

const cardOf = (received: object, ...suggestions: object[]) =>
  render(
    <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
      <MantineProvider env="test">
        <Unmatched item={{ study: received, suggestions } as unknown as UnmatchedStudy} onSettled={() => undefined} />
      </MantineProvider>
    </QueryClientProvider>,
  );

describe('a study without an order', () => {
  it('is seen by its first series with images, and without one it says that there is no picture', () => {
    card();
    const picture = screen.getByRole('img', { name: 'Image that was received' });
    expect(picture.getAttribute('src')).toBe('/dicom-web/studies/1.2/series/1.2.2/thumbnail');

    fireEvent.error(picture);

    expect(screen.getByText('No picture')).toBeTruthy();
    expect(screen.queryByRole('img', { name: 'Image that was received' })).toBeNull();
  });

  it('says why no order fits in a sentence', () => {
    cardOf({ ...study, match: { state: 'NO_ORDER', reason: 'no order has this accession number' } });

    expect(screen.getByText('No order has this accession number.')).toBeTruthy();
  });

  it('says who has taken a match back and in which words, beside why no order fits by the rules', () => {
    cardOf({ ...study, match: { state: 'PATIENT_DIFFERS', reason: 'it was the wrong one', decidedBy: { id: 'c', name: 'Cole Turner', role: 'RADIOLOGY_TECH' } } });

    expect(screen.getByText('The patient differs')).toBeTruthy();
    expect(screen.getByText('Taken back by Cole Turner: it was the wrong one')).toBeTruthy();
  });

  it('stands beside an order with the facts of its patient, and with the image that the order has', async () => {
    card(order({ studyInstanceUids: ['1.9'] }));

    expect(screen.getByText('Testpatient, Tina · MRN-1 · 2 Jan 1970')).toBeTruthy();
    expect(screen.getByText(/has images already/)).toBeTruthy();
    expect(screen.getByText('birth date agrees')).toBeTruthy();
    expect((await screen.findByRole('img', { name: 'Image that the order has' })).getAttribute('src')).toContain('/studies/1.9/');
  });

  it('is compared with an order that was looked for, as with one that was suggested', async () => {
    card();
    fireEvent.click(screen.getByRole('button', { name: 'Other order' }));
    fireEvent.change(screen.getByRole('textbox', { name: /Patient, order/ }), { target: { value: 'Testpatient' } });

    expect(await screen.findByRole('button', { name: 'Choose CT Chest of Testpatient, Tina' })).toBeTruthy();
    expect(screen.getByText('accession agrees')).toBeTruthy();
  });

  it('shows both accession numbers, and whose study it is, where one decides', async () => {
    card(order());
    fireEvent.click(await screen.findByRole('button', { name: 'Choose CT Chest of Testpatient, Tina' }));

    const dialog = await screen.findByRole('dialog', { name: 'These images belong to this order' });
    expect([...dialog.querySelectorAll('dd')].map(({ textContent }) => textContent)).toEqual(expect.arrayContaining(['A1', 'A2']));
    fireEvent.keyDown(document.body, { key: 'Escape' });

    fireEvent.click(screen.getByRole('button', { name: 'Keep without order' }));
    expect((await screen.findByRole('dialog', { name: 'These images have no order here' })).textContent).toContain('Testpatient, Tina · MRN-1 · CT Chest');
  });

  it('says so when the orders cannot be looked through', async () => {
    answers['/orders/search'] = () => Response.json({ status: 422, code: 'invalid_request', title: '', detail: 'At most 200 characters.' }, { status: 422, headers: { 'content-type': 'application/problem+json' } });
    card();
    fireEvent.click(screen.getByRole('button', { name: 'Other order' }));
    fireEvent.change(screen.getByRole('textbox', { name: /Patient, order/ }), { target: { value: 'Testpatient' } });

    expect((await screen.findByText(/could not be looked through/)).textContent).toContain('At most 200 characters.');
  });
});
