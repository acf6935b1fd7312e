/** Where a writer is led while a report is written: what opens, what warns and what is missing. */
import { MantineProvider } from '@mantine/core';
import type { Order, ViewerData } from '@shared/api/types';
import type { ReportContent } from '@shared/report/content';
import { EMPTY_REPORT } from '@shared/report/content';
import type { ViewerController } from '@shared/viewer/controller';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { KeptMeasurements } from '../domain/use-measurements';
import type { ReportDraft } from '../domain/use-report-draft';
import { ReportEditor } from './report-editor';

const PNEUMOTHORAX = { code: 'pneumothorax', title: 'Pneumothorax', category: 'RED', synonyms: ['pneumothorax'] };
const TEMPLATE = { id: 'cxr', title: 'CXR', technique: 'Views: PA and lateral.', comparison: '', findings: [{ heading: 'Lungs', normal: 'Clear.' }, { heading: 'Heart', normal: '' }], impression: '', checklist: [] };

const house = vi.hoisted(() => ({ template: null as unknown, suggested: 'cxr', kinds: [] as unknown[] }));
vi.mock('@shared/api/reports', () => ({
  templatesQuery: () => ({ queryKey: ['templates'], queryFn: () => ({ items: [house.template], suggested: house.suggested }) }),
  criticalFindingsQuery: { queryKey: ['kinds'], queryFn: () => ({ items: house.kinds }) },
  saveReport: vi.fn(),
  amend: vi.fn(),
}));
vi.mock('@shared/api/studies', () => ({ priorStudiesQuery: () => ({ queryKey: ['priors'], queryFn: () => ({ items: [] }) }) }));
vi.mock('@shared/shell/portal-context', () => ({ useClock: () => ({ time: String }), useMay: () => () => true, usePortal: () => ({ me: { name: 'Dr. Reader' } }) }));

const order = { id: 'order', studyType: 'XR Chest', patient: { id: 'p', name: 'DOE^JANE', mrn: '1' } } as unknown as Order;
const kept: KeptMeasurements = { isLoaded: true, isUnsaved: false, isWaiting: false, error: null, may: true, saveNow: vi.fn() };

function Editor({ begun }: { begun: Partial<ReportContent> }) {
  const [content, setContent] = useState<ReportContent>({ ...EMPTY_REPORT, ...begun });
  const draft = { content, change: (change: Partial<ReportContent>) => setContent((now) => ({ ...now, ...change })), report: null, version: 0, conflicts: [], changedImages: '', keptAt: null } as unknown as ReportDraft;
  return <ReportEditor data={{ studies: [] } as unknown as ViewerData} viewer={{} as ViewerController} draft={draft} order={order} isAmending={false} kept={kept} onDone={() => {}} />;
}

function drawn(begun: Partial<ReportContent> = {}) {
  const user = userEvent.setup();
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <Editor begun={begun} />
      </MantineProvider>
    </QueryClientProvider>,
  );
  return user;
}

async function opened(begun: Partial<ReportContent> = {}) {
  const user = drawn(begun);
  await screen.findByRole('button', { name: 'Use CXR' });
  return user;
}

/** What was brought into view, and how. */
const shown = vi.fn<(this: Element, options?: unknown) => void>();
const findings = () => screen.getByLabelText<HTMLTextAreaElement>(/^Findings/);
const impression = () => screen.getByLabelText<HTMLTextAreaElement>(/^Impression/);
const kind = () => screen.getByRole('combobox', { name: /^Finding/ });
const focused = () => document.activeElement;

beforeEach(() => {
  Object.assign(house, { template: TEMPLATE, suggested: 'cxr', kinds: [PNEUMOTHORAX] });
  shown.mockReset();
  Element.prototype.scrollIntoView = shown;
  // A growing field waits for the page's fonts, which jsdom has not.
  Object.defineProperty(document, 'fonts', { configurable: true, value: new EventTarget() });
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('a critical finding that is ticked opens in view, and its first field is written in', async () => {
  const user = await opened();

  await user.click(screen.getByRole('checkbox', { name: /^Critical finding/ }));

  expect(focused()).toBe(kind());
  const [section] = shown.mock.contexts;
  expect(section?.contains(screen.getByRole('button', { name: /Raise now/ }))).toBe(true);
  expect(shown).toHaveBeenCalledWith({ block: 'nearest' });
});

it('a critical finding that is there already leads nobody away', async () => {
  await opened({ hasCriticalFindings: true });

  expect(focused()).toBe(document.body);
  expect(shown).not.toHaveBeenCalled();
});

it('a finding that a warning marks as critical waits for its words', async () => {
  const user = await opened({ findings: 'Large pneumothorax.' });

  await user.click(await screen.findByRole('button', { name: 'Mark as critical' }));

  expect(focused()).toBe(screen.getByLabelText(/What the doctor must know/));
});

it('warnings are counted beside the signature, and found from there', async () => {
  const user = await opened({ findings: 'Small effusion on the left.' });
  expect(screen.queryByRole('button', { name: /warning/ })).toBeNull();

  await user.type(impression(), 'Right effusion, pneumothorax.');

  expect(focused()).toBe(impression());
  await user.click(await screen.findByRole('button', { name: '2 warnings' }));
  expect(focused()?.textContent).toContain('Pneumothorax: not marked as critical');
  expect(shown.mock.contexts).toEqual([focused()]);
});

it('what one should only know is counted as a note', async () => {
  house.kinds = [PNEUMOTHORAX, { code: 'effusion', title: 'Effusion', category: 'RED', synonyms: ['effusion'] }];
  await opened({ findings: 'Pneumothorax and effusion.', hasCriticalFindings: true, criticalFindingCode: 'effusion', criticalCategory: 'RED' });

  expect(await screen.findByRole('button', { name: '1 note' })).toBeTruthy();
});

it('a template that is used leads behind its first heading to fill', async () => {
  const user = await opened();

  await user.click(screen.getByRole('button', { name: 'Use CXR' }));

  expect(focused()).toBe(findings());
  expect(findings().value.slice(0, findings().selectionStart)).toBe('Lungs:');
});

it('an exam that no template suits is offered none', async () => {
  Object.assign(house, { template: { ...TEMPLATE, id: 'custom', title: 'Custom' }, suggested: 'custom' });
  const user = drawn();

  await user.click(screen.getByRole('combobox', { name: 'Template' }));

  expect(await screen.findByRole('option', { name: 'Custom' })).toBeTruthy();
  expect(screen.queryByRole('button', { name: 'Use Custom' })).toBeNull();
});

it('a technique with an open heading is filled first', async () => {
  house.template = { ...TEMPLATE, technique: 'Views:\nSupine.' };
  const user = await opened();

  await user.click(screen.getByRole('button', { name: 'Use CXR' }));

  expect(focused()).toBe(screen.getByLabelText('Technique'));
});

it('who asks too early for the signature is led to what is missing', async () => {
  const user = await opened({ findings: 'Clear.' });
  await user.keyboard('{Control>}{Enter}{/Control}');
  expect(await screen.findByText('The impression is empty.')).toBeTruthy();

  await user.click(screen.getByRole('button', { name: 'Go to what is missing' }));

  await vi.waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  expect(focused()).toBe(impression());
});
