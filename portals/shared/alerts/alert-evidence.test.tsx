import { MantineProvider } from '@mantine/core';
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Alert } from '../api/types';
import { Attempts } from './alert-evidence';

vi.mock('../shell/portal-context', () => ({ useClock: () => ({ near: () => '14:23' }) }));

beforeEach(() => vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined })));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it.each([
  ['IN_APP', 'SENT', 'not seen yet'],
  ['IN_APP', 'DELIVERED', 'seen'],
  ['SMS', 'SENT', 'sent, not yet delivered'],
  ['SMS', 'DELIVERED', 'delivered'],
  ['EMAIL', 'SENT', 'handed to the mail server'],
  ['VOICE', 'SENT', 'called, not answered yet'],
  ['VOICE', 'DELIVERED', 'answered'],
  ['VOICE', 'FAILED', 'failed'],
])('says of a try by %s that is %s: %s', (channel, state, words) => {
  const attempt = { id: 'a', personName: 'Dr. Emily Jones', addressHint: '…06', channel, state, dueAt: '2026-03-02T14:23:00Z', sentAt: null, deliveredAt: null };
  render(
    <MantineProvider env="test">
      <Attempts alert={{ attempts: [attempt] } as unknown as Alert} />
    </MantineProvider>,
  );

  expect(screen.getByText(`${words} 14:23`)).toBeTruthy();
});
