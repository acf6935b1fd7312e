import { MantineProvider } from '@mantine/core';
import { writePriorNotes } from '@shared/api/studies';
import { ProblemError } from '@shared/http/problem';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { PriorNotes } from './prior-notes';

const refused = vi.hoisted(() => vi.fn());
const noted = vi.hoisted(() => vi.fn());
const rights = vi.hoisted(() => ({ may: true }));
/** What lies in this browser, and what a closed tab has left there. */
const browser = vi.hoisted(() => ({ subject: '', draft: null as unknown, left: null as unknown, leave: undefined as unknown as (draft: unknown) => void }));
vi.mock('@shared/feedback/toasts', () => ({ refused, noted, told: vi.fn() }));
vi.mock('@shared/shell/portal-context', () => ({ useMay: () => () => rights.may, usePortal: () => ({ me: { id: 'reader' } }) }));
vi.mock('@shared/drafts/draft-tab', () => ({
  DraftTab: class {
    constructor(private readonly options: { subject: string; onLeft: (draft: unknown) => void }) {
      Object.assign(browser, { subject: options.subject, leave: options.onLeft });
    }
    open = async () => void (browser.left && this.options.onLeft(browser.left));
    write = async (draft: unknown) => void (browser.draft = draft);
    clear = async () => void (browser.draft = null);
    close = () => {};
  },
}));
vi.mock('@shared/api/studies', () => ({ priorStudiesQuery: () => ({ queryKey: ['priors', 'p', 'o'] }), writePriorNotes: vi.fn() }));

const PRIOR = { studyInstanceUid: '1.2', comparedWith: '1.1', comparisonNotes: '', notesVersion: 0 };
const queries = new QueryClient();

const drawn = (change: Partial<typeof PRIOR>) => (
  <MantineProvider env="test">
    <QueryClientProvider client={queries}>
      <PriorNotes orderId="o" patientId="p" prior={{ ...PRIOR, ...change }} />
    </QueryClientProvider>
  </MantineProvider>
);
const button = (name: string) => screen.getByRole('button', { name });

const field = () => screen.queryByLabelText<HTMLTextAreaElement>('Notes on this comparison');

beforeEach(() => {
  rights.may = true;
  Object.assign(browser, { draft: null, left: null });
  noted.mockReset();
  // A growing field waits for the page's fonts, which jsdom has not.
  Object.defineProperty(document, 'fonts', { configurable: true, value: new EventTarget() });
  vi.mocked(writePriorNotes).mockReset();
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('writes notes on what was read', async () => {
  const user = userEvent.setup();
  queries.setQueryData(['priors', 'p', 'o'], { items: [PRIOR] });
  vi.mocked(writePriorNotes).mockResolvedValue({ priors: [{ studyInstanceUid: '1.2', comparisonNotes: 'Larger.', notesVersion: 1 }] } as never);
  render(drawn({}));

  await user.click(button('Write notes'));
  await user.type(screen.getByLabelText('Notes on this comparison'), 'Larger.');
  await user.click(button('Save the notes'));

  expect(writePriorNotes).toHaveBeenCalledWith('1.1', '1.2', { comparisonNotes: 'Larger.', expectedVersion: 0 });
  await vi.waitFor(() => expect(queries.getQueryData(['priors', 'p', 'o'])).toMatchObject({ items: [{ comparisonNotes: 'Larger.', notesVersion: 1 }] }));
});

it('keeps what was written when it is refused, and asks for the notes anew', async () => {
  const user = userEvent.setup();
  const asked = vi.spyOn(queries, 'invalidateQueries');
  const stale = new ProblemError({ status: 412, code: 'notes_stale', title: '', detail: 'Read them first.' });
  vi.mocked(writePriorNotes).mockRejectedValue(stale);
  render(drawn({}));

  await user.click(button('Write notes'));
  await user.type(screen.getByLabelText('Notes on this comparison'), 'Larger.');
  await user.click(button('Save the notes'));

  await vi.waitFor(() => expect(refused).toHaveBeenCalledWith(stale, 'Notes not saved'));
  expect(screen.getByLabelText<HTMLTextAreaElement>('Notes on this comparison').value).toBe('Larger.');
  expect(asked).toHaveBeenCalledWith({ queryKey: ['priors', 'p', 'o'] });
});

it('overwrites the notes of somebody else only when its writer says so', async () => {
  const user = userEvent.setup();
  vi.mocked(writePriorNotes).mockResolvedValue({ priors: [] } as never);
  const { rerender } = render(drawn({}));
  await user.click(button('Write notes'));
  await user.type(screen.getByLabelText('Notes on this comparison'), 'Larger.');

  rerender(drawn({ comparisonNotes: 'Unchanged.', notesVersion: 1 }));

  expect(screen.getByText('Unchanged.')).toBeTruthy();
  expect((button('Save the notes') as HTMLButtonElement).disabled).toBe(true);
  await user.click(button('Go on with mine'));
  await user.click(button('Save the notes'));
  expect(writePriorNotes).toHaveBeenCalledWith('1.1', '1.2', { comparisonNotes: 'Larger.', expectedVersion: 1 });
});

it('shows notes, and no button, to whoever may not write them', () => {
  rights.may = false;

  render(drawn({ comparisonNotes: 'Unchanged.', notesVersion: 1 }));

  expect(screen.getByText('Unchanged.')).toBeTruthy();
  expect(screen.queryByRole('button')).toBeNull();
});

describe('notes that are not saved', () => {
  const left = { content: { notes: 'Larger.' }, base: { notes: '' }, baseVersion: 0, savedAt: 0 };

  async function typed() {
    const user = userEvent.setup();
    const page = render(drawn({}));
    await user.click(button('Write notes'));
    await user.type(screen.getByLabelText('Notes on this comparison'), 'Larger.');
    return { user, page };
  }

  it('stay in this browser when the case is left', async () => {
    const { page } = await typed();
    expect(await screen.findByText('Kept in this browser, not on the server yet')).toBeTruthy();

    page.unmount();

    expect(browser).toMatchObject({ subject: 'notes-1.1-1.2', draft: { content: { notes: 'Larger.' }, base: { notes: '' }, baseVersion: 0 } });
  });

  it('come back on return, and are told', async () => {
    browser.left = left;

    render(drawn({}));

    await vi.waitFor(() => expect(field()?.value).toBe('Larger.'));
    expect(noted).toHaveBeenCalledWith(expect.stringContaining('Priors'), 'Your unsaved notes are back');
  });

  it('overwrite nothing that was written meanwhile', async () => {
    browser.left = left;

    render(drawn({ comparisonNotes: 'Unchanged.', notesVersion: 1 }));

    expect(await screen.findByText('Somebody else has written notes meanwhile')).toBeTruthy();
    expect((button('Save the notes') as HTMLButtonElement).disabled).toBe(true);
  });

  it('stand below what is written here, where another tab leaves its own', async () => {
    const user = userEvent.setup();
    render(drawn({}));
    await user.click(button('Write notes'));
    await user.type(screen.getByLabelText('Notes on this comparison'), 'Here.');

    act(() => browser.leave(left));

    expect(field()?.value).toBe('Here.\nLarger.');
  });

  it.each(['Save the notes', 'Cancel'])('are no longer kept after %s', async (name) => {
    vi.mocked(writePriorNotes).mockResolvedValue({ priors: [] } as never);
    const { user } = await typed();
    await vi.waitFor(() => expect(browser.draft).not.toBeNull());

    await user.click(button(name));

    await vi.waitFor(() => expect(browser.draft).toBeNull());
    expect(field()).toBeNull();
  });

  it('do not come back where the server has them: its answer was lost', async () => {
    browser.left = left;

    render(drawn({ comparisonNotes: 'Larger.', notesVersion: 1 }));
    await act(async () => {});

    expect(field()).toBeNull();
    expect(noted).not.toHaveBeenCalled();
  });
});
