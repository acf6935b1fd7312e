/** Where the keyboard goes on when a report is signed, and when it is opened again to amend it. */
import { MantineProvider, Tabs } from '@mantine/core';
import type { Order, Report, ViewerData } from '@shared/api/types';
import { EMPTY_REPORT } from '@shared/report/content';
import type { ViewerController } from '@shared/viewer/controller';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { KeptMeasurements } from '../domain/use-measurements';
import type { ReportDraft } from '../domain/use-report-draft';
import { ReportPanel } from './report-panel';

vi.mock('@shared/api/reports', () => ({
  templatesQuery: () => ({ queryKey: ['templates'], queryFn: () => ({ items: [] }) }),
  criticalFindingsQuery: { queryKey: ['kinds'], queryFn: () => ({ items: [] }) },
  saveReport: vi.fn(),
  amend: vi.fn(),
}));
vi.mock('@shared/api/studies', () => ({ priorStudiesQuery: () => ({ queryKey: ['priors'], queryFn: () => ({ items: [] }) }) }));
vi.mock('@shared/shell/portal-context', () => ({ useClock: () => ({ time: String, dateTime: String }), useMay: () => () => true, usePortal: () => ({ me: { name: 'Dr. Reader' } }) }));
vi.mock('@tanstack/react-router', () => ({ useNavigate: () => vi.fn() }));
vi.mock('../domain/use-next-case', () => ({ useNextCase: () => undefined }));

const order = { id: 'order', patient: { id: 'p', name: 'DOE^JANE', mrn: '1' } } as unknown as Order;
const kept = {} as KeptMeasurements;
const written = { ...EMPTY_REPORT, findings: 'Clear.', impression: 'Normal.' };
const report = (status: string) => ({ ...written, id: 'r', status, reportNumber: 'R-1', versions: [{ id: 'v', number: 1, content: written, radiologist: { name: 'Dr. Reader' }, createdAt: '' }], communications: [] }) as unknown as Report;

const panel = (of: Report | null, isReady = true) => {
  const draft = { content: written, report: of, isReady, version: 1, conflicts: [], changedImages: '' } as unknown as ReportDraft;
  return (
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <Tabs value="report">
          <ReportPanel data={{ studies: [] } as unknown as ViewerData} viewer={{} as ViewerController} draft={draft} order={order} kept={kept} />
        </Tabs>
      </MantineProvider>
    </QueryClientProvider>
  );
};

beforeEach(() => {
  // A growing field waits for the page's fonts, which jsdom has not.
  Object.defineProperty(document, 'fonts', { configurable: true, value: new EventTarget() });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('after the signature one reads what was signed', () => {
  const { rerender } = render(panel(report('PRELIMINARY')));
  screen.getByLabelText(/^Impression/).focus();

  rerender(panel(report('FINAL')));

  expect(document.activeElement).toBe(screen.getByRole('region', { name: 'Signed report' }));
});

it('the button for the next case says which one that is', () => {
  render(panel(report('FINAL')));

  expect(screen.getByRole('button', { name: /^Read next case/ }).title).toMatch(/a preliminary report is left out/);
});

it('a signed report that is opened takes no focus', () => {
  const { rerender } = render(panel(null, false));

  rerender(panel(report('FINAL')));

  expect(document.activeElement).toBe(document.body);
});

it('who amends writes in the findings, and who stops is back at the report', async () => {
  const user = userEvent.setup();
  render(panel(report('FINAL')));

  await user.click(screen.getByRole('button', { name: 'Amend' }));
  expect(document.activeElement).toBe(screen.getByLabelText(/^Findings/));

  await user.click(screen.getByRole('button', { name: 'Stop amending' }));
  expect(document.activeElement).toBe(screen.getByRole('region', { name: 'Signed report' }));
});
