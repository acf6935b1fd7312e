import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EMPTY_DRAFT } from './draft';
import { PatientSection } from './patient-section';

vi.mock('../api/orders', () => ({ orderSearchQuery: () => ({ queryKey: ['orders'], queryFn: () => ({ items: [], total: 0 }) }) }));

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('a patient is looked for in the words of whoever orders, a doctor or the department', () => {
  render(
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <PatientSection draft={EMPTY_DRAFT} change={() => undefined} problems={{}} />
      </MantineProvider>
    </QueryClientProvider>,
  );

  const patient = screen.getByRole('textbox', { name: /Known patient/ });
  expect(patient.getAttribute('placeholder')).toBe('Name or MRN');
});
