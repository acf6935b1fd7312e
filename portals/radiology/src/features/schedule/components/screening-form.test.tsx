import { MantineProvider } from '@mantine/core';
import { screenPatient } from '@shared/api/orders';
import type { Order } from '@shared/api/types';
import { newQueryClient } from '@shared/http/query-client';
import { QueryClientProvider } from '@tanstack/react-query';
import { cleanup, fireEvent, render, screen, waitFor, within } from '@testing-library/react';
import { afterEach, beforeEach, describe, expect, it, test, vi } from 'vitest';
import { Screening } from './screening-form';

vi.mock('@shared/api/orders', () => ({ screenPatient: vi.fn() }));
const sent = vi.mocked(screenPatient);

const CONTRAST = 'Contrast allergy: yes, Anaphylaxis, iohexol 2020\nCreatinine: 3.9 mg/dL (2026-02-27)';
const MAGNET = 'MRI safety: pacemaker or defibrillator yes; metallic implants or splinters no; cochlear implants no; aneurysm clips no; claustrophobia no';

const order = (change: Partial<Order> = {}) =>
  ({ id: 'o', screeningRequired: ['contrast'], screening: null, contrastType: 'IODINE', clinicalIndication: 'Embolism?', clinicalHistory: '', specialInstructions: '', ...change }) as unknown as Order;

const open = (shown: Order) =>
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={newQueryClient()}>
        <Screening order={shown} mayDecide={false} onDone={() => undefined} />
      </QueryClientProvider>
    </MantineProvider>,
  );

const answer = (question: string, choice: string) => fireEvent.click(within(screen.getByRole('radiogroup', { name: new RegExp(question) })).getByLabelText(choice));
const type = (label: string, text: string) => {
  fireEvent.change(screen.getByLabelText(label), { target: { value: text } });
  fireEvent.blur(screen.getByLabelText(label));
};
const save = () => screen.getByRole<HTMLButtonElement>('button', { name: 'Save the answers' });
const confirmation = (question: string) => within(screen.getByRole('group', { name: `${question}: differs from the order` }));
const confirm = (question: string, words: string) => fireEvent.change(confirmation(question).getByLabelText(/Which is right/), { target: { value: words } });

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} });
  sent.mockReset().mockResolvedValue({ screening: { passed: true, concerns: [] } } as unknown as Order);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

describe('the screening form', () => {
  it('says at its top what the order says', () => {
    open(order({ specialInstructions: CONTRAST }));

    expect(screen.getByRole('region', { name: 'The order says' }).textContent).toContain('Contrast allergy: yes, Anaphylaxis, iohexol 2020');
    expect(screen.getByRole('region', { name: 'The order says' }).textContent).toContain('Creatinine: 3.9 mg/dL (2026-02-27)');
  });

  it('asks for a word on each answer that the order contradicts, and keeps it with the answers', async () => {
    open(order({ specialInstructions: CONTRAST }));
    answer('Allergy', 'No');
    answer('metformin', 'No');
    type('Creatinine, mg/dl', '0.9');

    expect(confirmation('Allergy to contrast medium').getByText('The order says: yes, Anaphylaxis, iohexol 2020')).toBeTruthy();
    expect(confirmation('Creatinine').getByText('The order says: 3.9 mg/dL, measured on 27 Feb 2026')).toBeTruthy();
    expect(save().disabled).toBe(true);
    confirm('Allergy to contrast medium', 'Another patient’s, says Dr. Smith');
    expect(save().disabled).toBe(true);
    confirm('Creatinine', ' ');
    expect(save().disabled).toBe(true);
    confirm('Creatinine', 'Laboratory, this morning');
    fireEvent.click(save());

    await waitFor(() => expect(sent).toHaveBeenCalledOnce());
    expect(sent.mock.calls[0]?.[1].contrast).toMatchObject({
      allergyToContrast: false,
      creatinineMgPerDl: 0.9,
      allergyDetail: [
        'Allergy to contrast medium: no. The order says: yes, Anaphylaxis, iohexol 2020. Confirmed: Another patient’s, says Dr. Smith',
        'Creatinine: 0.9 mg/dL. The order says: 3.9 mg/dL, measured on 27 Feb 2026. Confirmed: Laboratory, this morning',
      ].join('\n'),
    });
  });

  it('asks for a word on an implant that the order knows of', async () => {
    open(order({ screeningRequired: ['mri'], specialInstructions: MAGNET }));
    for (const question of ['Pacemaker', 'Metallic', 'Cochlear', 'Aneurysm', 'Claustrophobia']) answer(question, 'No');

    expect(save().disabled).toBe(true);
    confirm('Pacemaker or defibrillator', 'Taken out in 2024, seen on the X-ray');
    fireEvent.click(save());

    await waitFor(() => expect(sent).toHaveBeenCalledOnce());
    expect(sent.mock.calls[0]?.[1].mri).toMatchObject({ pacemaker: false, detail: 'Pacemaker or defibrillator: no. The order says: yes. Confirmed: Taken out in 2024, seen on the X-ray' });
  });

  it('shows nothing and asks nothing where the order says nothing', () => {
    open(order());
    answer('Allergy', 'No');
    answer('metformin', 'No');
    type('Creatinine, mg/dl', '0.9');

    expect(screen.queryByRole('region', { name: 'The order says' })).toBeNull();
    expect(screen.queryByRole('group', { name: /differs from the order/ })).toBeNull();
    expect(save().disabled).toBe(false);
  });

  test.each([
    ['Creatinine, mg/dl', '90', '0.05 to 30 mg/dL. Is this in µmol/L?'],
    ['eGFR, ml/min', '300', '0 to 250 mL/min.'],
  ])('keeps the number that was typed and says what is wrong with it: %s', (label, typed, words) => {
    open(order());
    answer('Allergy', 'No');
    answer('metformin', 'No');
    type('eGFR, ml/min', '84');
    type(label, typed);

    expect(screen.getByLabelText<HTMLInputElement>(label).value).toBe(typed);
    expect(screen.getByText(words)).toBeTruthy();
    expect(save().disabled).toBe(true);
  });
});
