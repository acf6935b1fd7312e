import { MantineProvider } from '@mantine/core';
import { client } from '@shared/api/generated/client.gen';
import type { Alert } from '@shared/api/types';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { cleanup, render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { AnswerForm } from './answer-form';

const alertOf = (reportVersion: number) => ({ id: 'a', finding: { reportVersion } }) as unknown as Alert;

let sent: unknown[];

beforeEach(() => {
  sent = [];
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  Object.defineProperty(document, 'fonts', { configurable: true, value: new EventTarget() });
  client.setConfig({
    baseUrl: 'http://gateway.test',
    fetch: async (input) => {
      sent.push(await (input as Request).json());
      return Response.json({ code: 'finding_changed', status: 409, detail: 'Read it again.' }, { status: 409 });
    },
  });
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

function form(alert: Alert) {
  return (
    <QueryClientProvider client={new QueryClient()}>
      <MantineProvider env="test">
        <AnswerForm alert={alert} duty="acknowledge" onDone={() => {}} />
      </MantineProvider>
    </QueryClientProvider>
  );
}

it('names the version that was read when the read-back was begun, and after a refusal the one that is read then', async () => {
  const user = userEvent.setup();
  const { rerender } = render(form(alertOf(1)));

  await user.type(screen.getByRole('textbox'), 'Left pneumothorax');
  rerender(form(alertOf(2)));
  await user.click(screen.getByRole('button', { name: 'Acknowledge and read back' }));
  await waitFor(() => expect(sent).toEqual([expect.objectContaining({ reportVersion: 1 })]));
  await waitFor(() => expect(screen.getByRole('button', { name: 'I take it, read-back later' })).toHaveProperty('disabled', false));
  await user.click(screen.getByRole('button', { name: 'Acknowledge and read back' }));

  await waitFor(() => expect(sent).toHaveLength(2));
  expect(sent[1]).toMatchObject({ reportVersion: 2 });
});

it('leads to the read-back that is missing', async () => {
  const user = userEvent.setup();
  render(form(alertOf(1)));

  await user.click(screen.getByRole('button', { name: 'Acknowledge and read back' }));

  expect(document.activeElement).toBe(screen.getByRole('textbox'));
  expect(screen.getByText('Please repeat the finding in a few words.')).toBeTruthy();
  expect(sent).toEqual([]);
});
