/** What a signer is told before the signature, and waits for. */
import { MantineProvider } from '@mantine/core';
import { saveReport } from '@shared/api/reports';
import type { Order, Report } from '@shared/api/types';
import { OfflineError } from '@shared/http/problem';
import { EMPTY_REPORT } from '@shared/report/content';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { KeptMeasurements } from '../domain/use-measurements';
import type { ReportDraft } from '../domain/use-report-draft';
import { SignDialog } from './sign-dialog';

vi.mock('@shared/api/reports', () => ({ saveReport: vi.fn(), amend: vi.fn() }));
vi.mock('@shared/report/digest', () => ({ asKept: (body: unknown) => body, digestOf: () => Promise.resolve('') }));
vi.mock('@shared/shell/portal-context', () => ({ usePortal: () => ({ me: { name: 'Dr. Reader' } }) }));

const SAVED: KeptMeasurements = { isLoaded: true, isUnsaved: false, isWaiting: false, error: null, may: true, saveNow: vi.fn() };
const order = { id: 'order', studyType: 'CT Chest', patient: { name: 'DOE^JANE', mrn: '1' } } as unknown as Order;
const draft = { content: EMPTY_REPORT, version: 1, report: null, accept: () => {} } as unknown as ReportDraft;

const dialog = (kept: KeptMeasurements, of = draft) => (
  <QueryClientProvider client={new QueryClient()}>
    <MantineProvider env="test">
      <SignDialog opened onClose={() => {}} onSigned={() => {}} onMissing={() => {}} draft={of} order={order} warnings={[]} missing={[]} changedImages="" isAmending={of.report !== null} kept={kept} />
    </MantineProvider>
  </QueryClientProvider>
);

beforeEach(() => {
  // A growing field waits for the page's fonts, which jsdom has not.
  Object.defineProperty(document, 'fonts', { configurable: true, value: new EventTarget() });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  vi.mocked(saveReport).mockReset().mockResolvedValue({ version: 2, versions: [] } as unknown as Report);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const sign = () => screen.getByRole('button', { name: 'Sign' });

it('measurements that are not on the server are saved at once, and the signer hears what becomes of them', async () => {
  const user = userEvent.setup();
  const saveNow = vi.fn();
  const { rerender } = render(dialog({ ...SAVED, isUnsaved: true, saveNow }));
  await user.type(screen.getByLabelText(/Signing PIN/), '4711');

  expect(saveNow).toHaveBeenCalledOnce();
  expect(screen.getByText(/Measurements are not on the server yet/)).toBeTruthy();
  expect(screen.getByText(/missing in the structured report/)).toBeTruthy();
  expect(sign()).toHaveProperty('disabled', true);

  rerender(dialog(SAVED));

  expect(screen.queryByText(/Measurements are not/)).toBeNull();
  expect(sign()).toHaveProperty('disabled', false);
});

it('who cannot wait for them signs nevertheless, knowing it', async () => {
  const user = userEvent.setup();
  render(dialog({ ...SAVED, isUnsaved: true, isWaiting: true }));
  await user.type(screen.getByLabelText(/Signing PIN/), '4711');
  await user.click(screen.getByRole('checkbox', { name: /sign nevertheless/ }));

  await user.click(sign());

  expect(saveReport).toHaveBeenCalledOnce();
});

it('a refusal of the measurements is told, and can be tried again from here', async () => {
  const user = userEvent.setup();
  const saveNow = vi.fn();
  render(dialog({ ...SAVED, isUnsaved: true, error: new OfflineError(), saveNow }));

  await user.click(screen.getByRole('button', { name: 'Try again' }));

  expect(saveNow).toHaveBeenCalledTimes(2);
});

it('nothing is said, and nothing written, where all is saved', () => {
  const saveNow = vi.fn();
  render(dialog({ ...SAVED, saveNow }));

  expect(saveNow).not.toHaveBeenCalled();
  expect(screen.queryByText(/Measurements/)).toBeNull();
});

it('an amendment that changes the critical finding alone shows what it changes', () => {
  const raised = { ...EMPTY_REPORT, hasCriticalFindings: true, criticalFindingCode: 'pneumothorax', criticalCategory: 'RED' as const, criticalFindingsText: 'On the left.' };
  const amended = { ...draft, content: { ...raised, criticalFindingsText: 'On the right.' }, report: { id: 'r', versions: [], ...raised } } as unknown as ReportDraft;
  render(dialog(SAVED, amended));

  const changes = within(screen.getByLabelText('Changes'));
  expect(changes.getByText('Critical finding')).toBeTruthy();
  expect([changes.getByText(/left/).tagName, changes.getByText(/right/).tagName]).toEqual(['DEL', 'INS']);
});
