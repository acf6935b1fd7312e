import { MantineProvider } from '@mantine/core';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { EMPTY_DRAFT } from './draft';
import { PatientSection } from './patient-section';

const house = vi.hoisted(() => ({ items: [] as unknown[] }));
vi.mock('../api/ask', () => ({ ask: () => Promise.resolve({ items: house.items, total: house.items.length }), tell: vi.fn() }));
vi.mock('../api/generated/sdk.gen', async (original) => ({ ...(await original<object>()), searchOrders: vi.fn() }));

const orderOf = (name: string) => ({ id: `order of ${name}`, patient: { id: name, name, mrn: name, sex: 'F', birthDate: null } });

function open(queries = new QueryClient()) {
  render(
    <QueryClientProvider client={queries}>
      <MantineProvider env="test">
        <PatientSection draft={EMPTY_DRAFT} change={() => undefined} problems={{}} />
      </MantineProvider>
    </QueryClientProvider>,
  );
  return screen.getByRole('textbox', { name: /Known patient/ });
}

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('a patient is looked for in the words of whoever orders, a doctor or the department', () => {
  const patient = open();

  expect(patient.getAttribute('placeholder')).toBe('Name or MRN');
});

it('no order that comes meanwhile moves the patients that somebody is about to choose from', async () => {
  house.items = [orderOf('DOE^ANN'), orderOf('DOE^BEA')];
  const queries = new QueryClient();
  fireEvent.click(open(queries));
  const shown = () => screen.getAllByRole('option', { hidden: true }).map(({ textContent }) => textContent?.slice(0, 8));
  await vi.waitFor(() => expect(shown()).toEqual(['DOE, ANN', 'DOE, BEA']));

  house.items = [orderOf('DOE^CIA'), ...house.items];
  await act(async () => {
    await queries.invalidateQueries({ queryKey: ['orders'] });
    await new Promise((told) => setTimeout(told)); // observers hear of it in the next task
  });

  expect(shown()).toEqual(['DOE, ANN', 'DOE, BEA']);
});
