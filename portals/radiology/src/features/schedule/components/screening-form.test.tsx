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

const REACTED = { contrast: { allergyToContrast: 'yes', allergyDetail: 'Anaphylaxis, iohexol 2020', creatinineMgPerDl: 3.9, creatinineMeasuredOn: '2026-02-27' }, mri: null } as const;
const PACED = { contrast: null, mri: { pacemaker: 'yes', metallicImplants: 'no', cochlearImplants: 'no', aneurysmClips: 'no', claustrophobia: 'no', detail: 'Since 2020' } } as const;

const order = (change: Partial<Order> = {}) =>
  ({ id: 'o', screeningRequired: ['contrast'], screening: null, contrastType: 'IODINE', clinicalIndication: 'Embolism?', clinicalHistory: '', specialInstructions: '', statedSafety: null, ...change }) as unknown as Order;

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
  it('says at its top what the order says, in answers and in free text', () => {
    open(order({ statedSafety: REACTED, clinicalHistory: '20 weeks pregnant' }));

    const said = screen.getByRole('region', { name: 'The order says' }).textContent;
    expect(said).toContain('Allergy to contrast medium: yes, Anaphylaxis, iohexol 2020');
    expect(said).toContain('Creatinine: 3.9 mg/dL, measured on 27 Feb 2026');
    expect(said).toContain('20 weeks pregnant');
  });

  it('takes no free text for an answer', () => {
    open(order({ specialInstructions: 'Contrast allergy: yes, hives' }));
    answer('Allergy', 'No');
    answer('metformin', 'No');
    type('Creatinine, mg/dl', '0.9');

    expect(screen.getByRole('region', { name: 'The order says' }).textContent).toContain('Contrast allergy: yes, hives');
    expect(save().disabled).toBe(false);
  });

  it('asks for a word on each answer that the order contradicts, and sends it with the answers', async () => {
    open(order({ statedSafety: REACTED }));
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
    confirm('Creatinine', ' Laboratory, this morning ');
    fireEvent.click(save());

    await waitFor(() => expect(sent).toHaveBeenCalledOnce());
    expect(sent.mock.calls[0]?.[1]).toMatchObject({
      contrast: { allergyToContrast: false, creatinineMgPerDl: 0.9, allergyDetail: '' },
      confirmations: { allergyToContrast: 'Another patient’s, says Dr. Smith', creatinineMgPerDl: 'Laboratory, this morning' },
    });
  });

  it('asks for a word on an implant that the order knows of', async () => {
    open(order({ screeningRequired: ['mri'], statedSafety: PACED }));
    for (const question of ['Pacemaker', 'Metallic', 'Cochlear', 'Aneurysm', 'Claustrophobia']) answer(question, 'No');

    expect(save().disabled).toBe(true);
    confirm('Pacemaker or defibrillator', 'Taken out in 2024, seen on the X-ray');
    fireEvent.click(save());

    await waitFor(() => expect(sent).toHaveBeenCalledOnce());
    expect(sent.mock.calls[0]?.[1]).toMatchObject({ mri: { pacemaker: false, detail: '' }, confirmations: { pacemaker: 'Taken out in 2024, seen on the X-ray' } });
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
