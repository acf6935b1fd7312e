/** Where a measurement is said to lie; a sentence must not say it wrongly. */
import { MantineProvider } from '@mantine/core';
import type { ViewerController } from '@shared/viewer/controller';
import type { MeasurementRecord } from '@shared/viewer/measurements';
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { KeptMeasurements } from '../domain/use-measurements';
import type { ReportDraft } from '../domain/use-report-draft';
import { MeasurementList } from './measurement-list';

const PRIOR = 'prior CT of 3 Sep 2025';

interface Where {
  place?: { series: number; image: number };
  prior?: string;
  isOnPlane?: boolean;
}

function shown({ place, prior, isOnPlane = false }: Where) {
  const record = { uid: 'one', kind: 'length', text: '8.0 mm', sopInstanceUid: isOnPlane ? '' : '1.2.3.4', annotation: { data: {} } } as unknown as MeasurementRecord;
  const state = { measurements: [record], selected: null };
  const viewer = { subscribe: () => () => undefined, getState: () => state, placeOf: () => place ?? null, priorOf: () => prior ?? null };
  const kept = { may: true, isLoaded: true, isUnsaved: false, isWaiting: false, error: null } as unknown as KeptMeasurements;
  render(
    <MantineProvider env="test">
      <MeasurementList viewer={viewer as unknown as ViewerController} draft={{ isReady: true } as unknown as ReportDraft} kept={kept} />
    </MantineProvider>,
  );
  return { words: screen.getByRole('listitem').textContent ?? '', insert: screen.getByRole<HTMLButtonElement>('button', { name: 'Insert' }) };
}

beforeEach(() => vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined })));
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('on a prior names it, and can be inserted', () => {
  const { words, insert } = shown({ place: { series: 1, image: 3 }, prior: PRIOR });

  expect(words).toContain(`${PRIOR}, series 1, image 3`);
  expect(words).not.toContain('Not kept');
  expect(insert.disabled).toBe(false);
});

it('whose images are not there says so, and cannot be inserted: it may be of a prior', () => {
  const { words, insert } = shown({});

  expect(words).toContain('its images are not loaded');
  expect(insert.disabled).toBe(true);
});

it('on a reformatted plane of a prior is not kept, and says so', () => {
  const { words } = shown({ prior: PRIOR, isOnPlane: true });

  expect(words).toContain(`${PRIOR}, reformatted plane`);
  expect(words).toContain('Not kept after this case is closed');
});
