import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Content } from '../domain/contents';
import type { FileFacts } from '../domain/inspect';
import { StoredBefore } from '../domain/stored-before';
import { UploadPage } from './upload-page';

const order = { id: 'o', modality: 'CT', accessionNumber: 'A1', studyType: 'CT Head', receivedInstances: 0, patient: { name: 'DOE^JANE', mrn: 'P1', birthDate: '1980-05-17', sex: 'F' } };
vi.mock('@shared/api/orders', () => ({ orderQuery: (id: string) => ({ queryKey: ['orders', 'one', id], queryFn: () => order }), orderSearchQuery: vi.fn() }));
vi.mock('@shared/shell/portal-context', () => ({ useClock: vi.fn() }));
vi.mock('@tanstack/react-router', () => ({ useSearch: () => ({ order: 'o' }), useNavigate: () => vi.fn(), useBlocker: () => ({ status: 'idle' }) }));
/** A file is of the patient whose number is its name; there is one that cannot be read, a picture, and a zip of two files of P1. */
vi.mock('../domain/inspect', async (original) => ({
  ...(await original<object>()),
  inspect: (content: Content): Promise<FileFacts> => {
    const facts: FileFacts = { kind: 'dicom', header: { patientId: content.path.replace(/\/.*/, ''), patientName: '', seriesDescription: '', instanceNumber: '' }, digest: content.path, members: null };
    if (content.path === 'unreadable') return Promise.resolve({ ...facts, kind: 'unreadable' });
    if (content.path === 'scan.png') return Promise.resolve({ ...facts, kind: 'picture', header: null });
    const zip = { id: 'zip', path: content.path, bytes: content.bytes };
    return Promise.resolve(content.path === 'cd.zip' ? { ...facts, kind: 'zip', members: ['P1/1', 'P1/2'].map((path) => ({ ...content, path, zip })) } : facts);
  },
}));

beforeEach(() => {
  localStorage.clear();
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <UploadPage />
      </MantineProvider>
    </QueryClientProvider>,
  );
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

async function choose(...names: string[]) {
  fireEvent.change(await screen.findByLabelText('Folder'), { target: { files: names.map((name) => new File(['x'], name)) } });
}

const send = (count: number) => screen.findByRole('button', { name: `Send ${count} ${count === 1 ? 'file' : 'files'}` });

it('a patient who was checked for some files was checked for none that come later', async () => {
  await choose('P2');
  fireEvent.click(await screen.findByRole('checkbox', { name: /I have checked the patient/ }));
  expect(await send(1)).toHaveProperty('disabled', false);

  await choose('P3');
  await screen.findByText('2 files do not fit this order');

  expect(await send(2)).toHaveProperty('disabled', true);
});

it('whom the order is for is told with birth date and sex, beside each other person whose files do not fit', async () => {
  await choose('P2', 'P3');

  const warning = (await screen.findByText('2 files do not fit this order')).closest('[role=alert]');
  expect(warning?.textContent).toContain('The order is for DOE, JANE, P1, born 17 May 1980, female, CT, A1.');
  expect([...(warning?.querySelectorAll('li') ?? [])].map(({ textContent }) => textContent)).toEqual(['Without a name: Patient P2', 'Without a name: Patient P3']);
  expect(screen.getByText('Born').nextElementSibling?.textContent).toBe('17 May 1980');
  expect(screen.getByText('Sex').nextElementSibling?.textContent).toBe('female');
});

it('a file that cannot be read is left out, said so, and holds up no other', async () => {
  await choose('unreadable', 'P1');

  expect(await send(1)).toHaveProperty('disabled', false);
  expect(screen.getByRole('region', { name: 'Left out' }).textContent).toContain('unreadable: It cannot be read');
});

it('files that were stored before the page was opened anew are told, and not sent twice', async () => {
  new StoredBefore('o').add('P1', '');

  await choose('P1', 'p1 ');

  expect(await send(1)).toHaveProperty('disabled', false);
  expect(screen.getByText('1 of 2 stored', { exact: false })).toBeDefined();
  fireEvent.click(screen.getByRole('button', { name: 'Send it nevertheless' }));
  expect(await send(2)).toHaveProperty('disabled', false);
});

it('a zip is sent as its files', async () => {
  await choose('cd.zip', 'P1');

  expect(await send(3)).toHaveProperty('disabled', false);
});

it('a picture is not sent without its description', async () => {
  await choose('scan.png');
  expect(await send(1)).toHaveProperty('disabled', false);

  fireEvent.change(screen.getByRole('textbox', { name: /Study description/ }), { target: { value: ' ' } });

  expect(await send(1)).toHaveProperty('disabled', true);
  expect(screen.getByText('Say what the pictures show')).toBeDefined();
});

it('a series number that is too large is kept as it was typed, and not sent', async () => {
  await choose('scan.png');
  const number = await screen.findByLabelText<HTMLInputElement>(/Series number/);

  fireEvent.change(number, { target: { value: '12345' } });
  fireEvent.blur(number);

  expect(number.value).toBe('12345');
  expect(screen.getByText('A number from 1 to 9999')).toBeDefined();
  expect(await send(1)).toHaveProperty('disabled', true);
});

describe('a file that was chosen by mistake', () => {
  const takeOff = (name: string) => screen.queryByRole('button', { name: `Take off the list: ${name}` });
  // Rows are rendered as far as there is height for them, and jsdom lays nothing out.
  beforeEach(() => void vi.spyOn(Element.prototype, 'clientHeight', 'get').mockReturnValue(600));
  afterEach(() => vi.restoreAllMocks());
  const press = async (name: string) => {
    const button = await screen.findByRole('button', { name: `Take off the list: ${name}` });
    button.focus();
    fireEvent.click(button);
  };

  it('is taken off the list by itself, and the focus goes on to the next one', async () => {
    await choose('P1/a', 'P1/b', 'P1/c');
    expect(await send(3)).toHaveProperty('disabled', false);

    await press('P1/b');

    expect(await send(2)).toHaveProperty('disabled', false);
    expect(document.activeElement).toBe(takeOff('P1/c'));
  });

  it('and after the last one the focus is where files are chosen', async () => {
    await choose('P1');
    expect(await send(1)).toHaveProperty('disabled', false);

    await press('P1');

    expect(screen.queryByRole('grid')).toBeNull();
    expect(document.activeElement).toBe(screen.getByLabelText('Choose files'));
  });

  it('is not offered where it is stored already', async () => {
    new StoredBefore('o').add('P1', '');
    await choose('P1');
    await screen.findByText('1 of 1 stored', { exact: false });

    expect(takeOff('P1')).toBeNull();
  });
});
