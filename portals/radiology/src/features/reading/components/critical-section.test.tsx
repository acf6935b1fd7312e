/** What became of a finding that was raised before the signature, told where it was raised. */
import { MantineProvider } from '@mantine/core';
import type { Alert, CriticalFindingKind, Report } from '@shared/api/types';
import type { ReportContent } from '@shared/report/content';
import { EMPTY_REPORT } from '@shared/report/content';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { ReportDraft } from '../domain/use-report-draft';
import { CriticalSection } from './critical-section';

const house = vi.hoisted(() => ({ alerts: vi.fn(), save: vi.fn(), may: true }));
vi.mock('@shared/api/alerts', () => ({ alertsOfOrderQuery: () => ({ queryKey: ['alerts', 'list'], queryFn: house.alerts, retry: false }) }));
vi.mock('@shared/shell/portal-context', () => ({ useClock: () => ({ near: (at: string) => at.slice(11, 16) }), useMay: () => () => house.may }));
vi.mock('@tanstack/react-router', () => ({ Link: ({ to, hash, children }: { to: string; hash: string; children: string }) => <a href={`${to}#${hash}`}>{children}</a> }));

const KINDS = [
  { code: 'pulmonary_embolism', title: 'Pulmonary embolism', category: 'RED' },
  { code: 'other', title: 'Other', category: 'RED' },
] as CriticalFindingKind[];
const EMBOLISM: ReportContent = { ...EMPTY_REPORT, hasCriticalFindings: true, criticalFindingCode: 'pulmonary_embolism', criticalCategory: 'RED', criticalFindingsText: 'Embolism on the left.' };
const FINDING = { findingCode: 'pulmonary_embolism', findingTitle: 'Pulmonary embolism', category: 'RED', text: 'Embolism on the left.', reportVersion: 1, withdrawn: false };
const alert = (change: object = {}, finding: object = {}) =>
  ({ id: 'alert', version: 1, status: 'OPEN', responsibleName: 'Dr. Smith', openedAt: '2026-01-01T15:41:00Z', ...change, finding: { ...FINDING, ...finding } }) as unknown as Alert;
const reportOf = (content: ReportContent, ids: string[]) => ({ ...content, status: 'PRELIMINARY', criticalAlertIds: ids }) as unknown as Report;

const queries = new QueryClient();
const set = (...items: Alert[]) => act(() => queries.setQueryData(['alerts', 'list'], { items }));

/** The case as it is opened: what is on the server, and what stands in the editor. */
function Section({ ids, content: begun, isSigned }: { ids: string[]; content: ReportContent; isSigned: boolean }) {
  const [content, setContent] = useState(begun);
  const [report, setReport] = useState(ids.length > 0 ? reportOf(begun, ids) : null);
  const save = async (options: unknown) => {
    house.save(options);
    setReport(reportOf(content, ['alert']));
    return Promise.resolve(true);
  };
  const draft = { content, report, save, isSaving: false, change: (part: Partial<ReportContent>) => setContent((now) => ({ ...now, ...part })) } as unknown as ReportDraft;
  return <CriticalSection draft={draft} orderId="order" catalogue={KINDS} warnings={[]} isSigned={isSigned} onOpen={() => undefined} />;
}

function opened({ ids = ['alert'], content = EMBOLISM, isSigned = false } = {}) {
  render(
    <QueryClientProvider client={queries}>
      <MantineProvider env="test">
        <Section ids={ids} content={content} isSigned={isSigned} />
      </MantineProvider>
    </QueryClientProvider>,
  );
  return userEvent.setup();
}

const raiseNow = () => screen.queryByRole('button', { name: /^Raise/ });
const words = () => screen.getByLabelText(/What the doctor must know/);
const state = () => screen.getByRole('status', { name: 'What was raised' });
const box = () => screen.getByRole('checkbox', { name: /^Critical finding/ });

beforeEach(() => {
  queries.clear();
  Object.assign(house, { may: true });
  house.alerts.mockReset().mockResolvedValue({ items: [alert()] });
  house.save.mockReset();
  Object.defineProperty(document, 'fonts', { configurable: true, value: new EventTarget() });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('a finding that is raised is on its way, and its button is gone before the alert is there', async () => {
  house.alerts.mockResolvedValue({ items: [] });
  const user = opened({ ids: [] });

  await user.click(screen.getByRole('button', { name: 'Raise now, before the signature' }));

  expect(house.save).toHaveBeenCalledExactlyOnceWith({ raiseCriticalNow: true });
  await vi.waitFor(() => expect(state().textContent).toContain('on its way to the ordering doctor'));
  expect(raiseNow()).toBeNull();
  expect(document.activeElement).toBe(state());
});

it('nothing is looked for where nothing was raised', () => {
  opened({ ids: [] });

  expect(state().textContent).toBe('');
  expect(house.alerts).not.toHaveBeenCalled();
});

it('after a reload it says when, to whom, and what came of it, as it goes on', async () => {
  opened();
  expect(await screen.findByText('Raised 15:41 · Dr. Smith is being told')).toBeTruthy();
  expect(raiseNow()).toBeNull();
  expect(screen.getByRole('link', { name: 'On the board of critical findings' }).getAttribute('href')).toBe('/critical#alert');

  const taken = { status: 'ACKNOWLEDGED', acknowledgement: { personName: 'Dr. Smith' } };
  set(alert(taken));
  expect(await screen.findByText('Raised 15:41 · Dr. Smith has taken it on')).toBeTruthy();

  set(alert({ ...taken, status: 'CLOSED', readBackAt: '2026-01-01T15:47:00Z' }));
  expect(await screen.findByText('Raised 15:41 · Dr. Smith has confirmed it by read-back 15:47')).toBeTruthy();
});

it('a reload that is faster than the alert offers no second one', async () => {
  house.alerts.mockResolvedValue({ items: [] });
  opened();

  expect(await screen.findByText(/on its way to the ordering doctor/)).toBeTruthy();
  expect(raiseNow()).toBeNull();
});

it('only words that were changed are raised again, once', async () => {
  const user = opened();
  await screen.findByText(/Dr. Smith is being told/);

  await user.type(words(), '  ');
  expect(raiseNow()).toBeNull();
  await user.type(words(), 'And on the right.');
  await user.click(screen.getByRole('button', { name: 'Raise the changed finding' }));

  await vi.waitFor(() => expect(raiseNow()).toBeNull());
  set(alert({ version: 2 }, { reportVersion: 2, text: 'Embolism on the left. And on the right.' }));
  expect(raiseNow()).toBeNull();
  expect(house.save).toHaveBeenCalledTimes(1);
});

it('back at words that were since replaced, it is a change again', async () => {
  const user = opened({ content: { ...EMBOLISM, criticalFindingsText: 'On the right.' } });
  await user.click(await screen.findByRole('button', { name: 'Raise the changed finding' }));

  set(alert({ version: 2 }, { reportVersion: 2, text: 'On both sides.' }));

  expect(await screen.findByRole('button', { name: 'Raise the changed finding' })).toBeTruthy();
});

it('who unticks it reads that the doctor knows, and when it is withdrawn', async () => {
  const user = opened();
  await screen.findByText(/Dr. Smith is being told/);
  expect(screen.queryByRole('alert')).toBeNull();

  await user.click(box());

  const notice = screen.getByRole('alert');
  expect(notice.textContent).toContain('The doctor has been told already');
  expect(notice.textContent).toContain('not recalled before the signature');
  expect(notice.textContent).toContain('Dr. Smith is being told');
  await user.click(box());
  expect(screen.queryByRole('alert')).toBeNull();
  expect(raiseNow()).toBeNull();
});

it('another kind is raised for itself, beside the word that the first is out', async () => {
  opened({ content: { ...EMBOLISM, criticalFindingCode: 'aortic_dissection' } });

  expect((await screen.findByRole('alert')).textContent).toContain('The doctor has been told already');
  expect(screen.getByRole('button', { name: 'Raise now, before the signature' })).toBeTruthy();
});

it('what is on its way is not said of another kind that is out', async () => {
  const user = opened({ content: { ...EMBOLISM, criticalFindingCode: 'aortic_dissection' } });
  await user.click(await screen.findByRole('button', { name: 'Raise now, before the signature' }));

  await vi.waitFor(() => expect(state().textContent).toContain('on its way'));
  expect(screen.getByRole('alert').textContent).not.toContain('on its way');
});

it('other words of a finding that names nothing are another finding', async () => {
  house.alerts.mockResolvedValue({ items: [alert({}, { findingCode: 'other', findingTitle: 'Other' })] });
  opened({ content: { ...EMBOLISM, criticalFindingCode: 'other', criticalFindingsText: 'A wire was left.' } });

  await screen.findByText(/Dr. Smith is being told/);
  expect(screen.getByRole('button', { name: 'Raise now, before the signature' })).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
});

it('a signed report that withdrew it tells nothing more of it', async () => {
  house.alerts.mockResolvedValue({ items: [alert({}, { withdrawn: true })] });
  opened({ content: { ...EMBOLISM, hasCriticalFindings: false }, isSigned: true });

  await vi.waitFor(() => expect(queries.isFetching()).toBe(0));
  expect(screen.queryByRole('alert')).toBeNull();
});

it('while it is not known how it stands, nothing is raised twice', async () => {
  house.alerts.mockReturnValue(new Promise(() => undefined));
  opened();

  expect(await screen.findByText(/looking how it stands/)).toBeTruthy();
  expect(raiseNow()).toHaveProperty('disabled', true);
});

it('what could not be loaded is said, and loaded again', async () => {
  house.alerts.mockRejectedValueOnce(new Error('no network'));
  const user = opened();
  expect(await screen.findByText(/could not be loaded/)).toBeTruthy();
  expect(raiseNow()).toHaveProperty('disabled', false);

  await user.click(screen.getByRole('button', { name: 'Try again' }));

  expect(await screen.findByText(/Dr. Smith is being told/)).toBeTruthy();
});

it('who may not read alerts hears that there is one', () => {
  house.may = false;
  opened();

  expect(state().textContent).toContain('Your role does not show how it stands');
  expect(house.alerts).not.toHaveBeenCalled();
});
