import { MantineProvider } from '@mantine/core';
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Alert } from '../api/types';
import { FindingDialog } from './finding-dialog';

const finding = { findingTitle: 'Pneumothorax', text: 'Right apical, 2.5 cm.', orderNumber: 'IMG-20260302-3V2I5' };
const of = (patient: unknown) => ({ finding, patient }) as Alert;

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it.each([
  ['the patient', { name: 'Haddad^Karim', sex: 'M', mrn: 'MRN-100106', birthDate: null }, 'Haddad, Karim · M · MRN-100106'],
  ['the order, where the patient may not be known', null, 'IMG-20260302-3V2I5'],
])('a dialog over a finding says what was found, and of whom: %s', (_, patient, whom) => {
  render(
    <MantineProvider env="test">
      <FindingDialog alert={of(patient)} opened onClose={() => undefined} title="Hand over">
        <p>To whom</p>
      </FindingDialog>
    </MantineProvider>,
  );

  const { textContent } = screen.getByRole('dialog', { name: 'Hand over' });
  expect(textContent).toContain(whom);
  expect(textContent).toContain('Pneumothorax: Right apical, 2.5 cm.');
});
