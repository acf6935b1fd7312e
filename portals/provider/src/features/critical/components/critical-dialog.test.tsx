import { MantineProvider } from '@mantine/core';
import type { Alert } from '@shared/api/types';
import { hospitalTime } from '@shared/time/hospital-time';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import type { ReactNode } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { CriticalDialog } from './critical-dialog';

const clock = hospitalTime('Europe/Berlin');
vi.mock('@shared/shell/portal-context', () => ({ useClock: () => clock, usePortal: () => ({ me: { id: 'smith' } }), useMay: () => () => false }));
vi.mock('@shared/alerts/receipt', () => ({ useReceipt: () => undefined }));
vi.mock('@tanstack/react-router', () => ({ Link: ({ children }: { children: ReactNode }) => <a href="/">{children}</a> }));
vi.mock('./answer-form', () => ({ AnswerForm: () => null }));
vi.mock('./deadline', () => ({ Deadline: () => null }));

const alertOf = (id: string, findingTitle: string, name: string, mrn: string) =>
  ({
    id,
    patient: { name, mrn, birthDate: null, sex: 'F' },
    studyType: 'CT Chest',
    status: 'OPEN',
    attempts: [],
    ladder: [],
    currentStep: 0,
    acknowledgeBy: '2026-11-29T12:00:00Z',
    finding: { findingTitle, text: '', category: 'RED', orderNumber: `IMG-${id}`, orderId: id, foundBy: { name: 'Dr. Adams' }, foundAt: '2026-11-29T11:00:00Z' },
  }) as unknown as Alert;

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('what waits besides names its patient', async () => {
  const user = userEvent.setup();
  const show = vi.fn();
  const others = [alertOf('b', 'Pneumothorax', 'Roe^Mary', 'P2'), alertOf('c', 'Pneumothorax', 'Poe^Ann', 'P3')];
  render(
    <MantineProvider env="test">
      <CriticalDialog alert={alertOf('a', 'Pulmonary embolism', 'Doe^Jane', 'P1')} others={others} show={show} close={() => {}} />
    </MantineProvider>,
  );

  expect(screen.getByRole('button', { name: 'Pneumothorax: Roe, Mary · F · P2' })).toBeTruthy();
  await user.click(screen.getByRole('button', { name: 'Pneumothorax: Poe, Ann · F · P3' }));
  expect(show).toHaveBeenCalledWith('c');
});
