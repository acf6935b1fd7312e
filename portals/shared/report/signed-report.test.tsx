import { MantineProvider } from '@mantine/core';
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Report } from '../api/types';
import { EMPTY_REPORT } from './content';
import { SignedReport } from './signed-report';

vi.mock('../shell/portal-context', () => ({ useClock: () => ({ dateTime: () => '29 Nov 2026 18:38' }) }));

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

const written = { ...EMPTY_REPORT, findings: 'Filling defects.', impression: 'Embolism.' };
const told = { alertId: 'a', finding: 'Pulmonary embolism: Right lower lobe artery.', told: 'Dr. Smith', receivedAt: '2026-11-29T18:38:00Z', how: 'in the application' };
const report = { ...written, id: 'r', status: 'FINAL', reportNumber: 'R-1', versions: [{ id: 'v', number: 1, content: written, radiologist: { name: 'Dr. Reader' }, createdAt: '' }], communications: [told] } as unknown as Report;

it('who was told of a finding stands in a sentence of its own below it', () => {
  render(
    <MantineProvider env="test">
      <SignedReport report={report} />
    </MantineProvider>,
  );

  const said = screen.getByText(/^Pulmonary embolism/);
  expect([...said.childNodes].map(({ textContent }) => textContent).join('|')).toBe('Pulmonary embolism: Right lower lobe artery.||Told |Dr. Smith|, received 29 Nov 2026 18:38| |in the application');
});
