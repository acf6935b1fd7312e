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

function tried(channel: string, state: string, status: Alert['status'] = 'OPEN') {
  const attempt = { id: 'a', personName: 'Dr. Emily Jones', addressHint: '…06', channel, state, dueAt: '2026-03-02T14:23:00Z', sentAt: null, deliveredAt: null };
  render(
    <MantineProvider env="test">
      <Attempts alert={{ status, attempts: [attempt] } as unknown as Alert} />
    </MantineProvider>,
  );
}

it.each([
  ['IN_APP', 'SENT', 'not seen yet'],
  ['IN_APP', 'DELIVERED', 'seen'],
  ['SMS', 'SENT', 'sent, not yet delivered'],
  ['SMS', 'DELIVERED', 'delivered'],
  ['EMAIL', 'SENT', 'handed to the mail server'],
  ['VOICE', 'SENT', 'called, not picked up yet'],
  ['VOICE', 'FAILED', 'failed'],
])('says of a try by %s that is %s: %s', (channel, state, words) => {
  tried(channel, state);

  expect(screen.getByText(`${words} 14:23`)).toBeTruthy();
});

it.each([
  ['OPEN', 'picked up 14:23, not confirmed', 'var(--warning)'],
  ['ACKNOWLEDGED', 'picked up 14:23', 'var(--text-dim)'],
  ['CLOSED', 'picked up 14:23', 'var(--text-dim)'],
] as const)('a phone that was picked up does not look like a confirmation, while the finding is %s', (status, words, color) => {
  tried('VOICE', 'DELIVERED', status);

  expect(screen.getByText(words).parentElement?.style.color).toBe(color);
});
