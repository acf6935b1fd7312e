/** What a signer is told before the signature, and waits for. */
import { MantineProvider } from '@mantine/core';
import { saveReport } from '@shared/api/reports';
import type { Alert, Order, Report } from '@shared/api/types';
import { told } from '@shared/feedback/toasts';
import { OfflineError } from '@shared/http/problem';
import { EMPTY_REPORT } from '@shared/report/content';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, within } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { KeptMeasurements } from '../domain/use-measurements';
import type { ReportDraft } from '../domain/use-report-draft';
import { SignDialog } from './sign-dialog';

vi.mock('@shared/api/reports', () => ({ saveReport: vi.fn(), amend: vi.fn() }));
vi.mock('@shared/report/digest', () => ({ asKept: (body: unknown) => body, digestOf: () => Promise.resolve('') }));
vi.mock('@shared/feedback/toasts', () => ({ told: vi.fn() }));
vi.mock('@shared/shell/portal-context', () => ({ usePortal: () => ({ me: { name: 'Dr. Reader' } }), useMay: () => () => house.may, useClock: () => ({ near: (at: string) => at.slice(11, 16) }) }));
vi.mock('@shared/api/alerts', () => ({ alertsOfOrderQuery: () => ({ queryKey: ['alerts', 'list'], queryFn: () => Promise.resolve({ items: house.alerts }), retry: false }) }));

const house = vi.hoisted(() => ({ may: true, alerts: [] as Alert[] }));

const SAVED: KeptMeasurements = { isLoaded: true, isUnsaved: false, isWaiting: false, error: null, may: true, saveNow: vi.fn() };
const order = { id: 'order', studyType: 'CT Chest', patient: { name: 'DOE^JANE', mrn: '1' } } as unknown as Order;
const SIGNED = { version: 2, versions: [], criticalAlertIds: [] } as unknown as Report;
const draft = { content: EMPTY_REPORT, version: 1, report: null, accept: () => {} } as unknown as ReportDraft;

const dialog = (kept: KeptMeasurements, of = draft, queries = new QueryClient()) => (
  <QueryClientProvider client={queries}>
    <MantineProvider env="test">
      <SignDialog opened onClose={() => {}} onSigned={() => {}} onMissing={() => {}} draft={of} order={order} warnings={[]} missing={[]} changedImages="" isAmending={of.report?.status === 'FINAL'} kept={kept} />
    </MantineProvider>
  </QueryClientProvider>
);

beforeEach(() => {
  // A growing field waits for the page's fonts, which jsdom has not.
  Object.defineProperty(document, 'fonts', { configurable: true, value: new EventTarget() });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  vi.mocked(saveReport).mockReset().mockResolvedValue(SIGNED);
  vi.mocked(told).mockReset();
  Object.assign(house, { may: true, alerts: [] });
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
  const amended = { ...draft, content: { ...raised, criticalFindingsText: 'On the right.' }, report: { id: 'r', status: 'FINAL', versions: [], ...raised } } as unknown as ReportDraft;
  render(dialog(SAVED, amended));

  const changes = within(screen.getByLabelText('Changes'));
  expect(changes.getByText('Critical finding')).toBeTruthy();
  expect([changes.getByText(/left/).tagName, changes.getByText(/right/).tagName]).toEqual(['DEL', 'INS']);
});

describe('of a critical finding the signer hears what is true', () => {
  const LEFT = { ...EMPTY_REPORT, hasCriticalFindings: true, criticalFindingCode: 'pneumothorax', criticalCategory: 'RED' as const, criticalFindingsText: 'On the left.' };
  const FINDING = { findingCode: 'pneumothorax', category: 'RED', text: 'On the left.', reportVersion: 1, withdrawn: false };
  const TAKEN = { id: 'alert', status: 'ACKNOWLEDGED', openedAt: '2026-01-01T15:41:00Z', acknowledgement: { personName: 'Dr. Smith' }, finding: FINDING } as unknown as Alert;

  /** A draft of which these alerts were raised is signed, and has those after it. */
  async function signed(before: string[], after: string[], content = LEFT) {
    const of = { ...draft, content, report: before.length > 0 ? { id: 'r', status: 'PRELIMINARY', versions: [], criticalAlertIds: before, ...LEFT } : null } as unknown as ReportDraft;
    vi.mocked(saveReport).mockResolvedValue({ ...SIGNED, criticalAlertIds: after });
    const user = userEvent.setup();
    const queries = new QueryClient();
    render(dialog(SAVED, of, queries));
    if (before.length > 0 && house.may) await vi.waitFor(() => expect(queries.getQueryData(['alerts', 'list'])).toBeTruthy());
    await user.type(screen.getByLabelText(/Signing PIN/), '4711');
    await user.click(sign());
    await vi.waitFor(() => expect(told).toHaveBeenCalledOnce());
    return vi.mocked(told).mock.calls[0]?.[0];
  }

  it('raised by the signature, it is on its way', async () => {
    expect(await signed([], ['alert'])).toBe('Signed. The critical finding is on its way.');
  });

  it('raised before, it is told how it stands', async () => {
    house.alerts = [TAKEN];

    expect(await signed(['alert'], ['alert'])).toBe('Signed. Raised 15:41 · Dr. Smith has taken it on');
  });

  it('raised a moment before, it is on its way still', async () => {
    expect(await signed(['alert'], ['alert'])).toBe('Signed. The critical finding is on its way.');
  });

  it('raised before in other words, these are on their way', async () => {
    house.alerts = [TAKEN];

    expect(await signed(['alert'], ['alert'], { ...LEFT, criticalFindingsText: 'On the right.' })).toBe('Signed. The changed critical finding is on its way.');
  });

  it('as another finding than was raised before, it is on its way', async () => {
    house.alerts = [TAKEN];

    expect(await signed(['alert'], ['alert', 'second'], { ...LEFT, criticalFindingCode: 'other' })).toBe('Signed. The critical finding is on its way.');
  });

  it('raised before, its state not shown to this role, nothing more is said', async () => {
    house.may = false;

    expect(await signed(['alert'], ['alert'])).toBe('Signed. The critical finding had been raised before.');
  });

  it('where there is none, only the signature is told', async () => {
    expect(await signed([], [], { ...LEFT, hasCriticalFindings: false })).toBe('Signed');
  });
});
