/** What a reader learns of how the exam was made. */
import { MantineProvider } from '@mantine/core';
import type { ViewerData } from '@shared/api/types';
import { cleanup, render, screen } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { ExamDetails } from './exam-details';

vi.mock('@shared/shell/portal-context', () => ({ useClock: () => ({ dateTime: () => '2 Mar 2026 08:00' }) }));
vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
afterEach(cleanup);

it('the screening stands there with the words on answers that the order contradicts', () => {
  const contrast = { allergyToContrast: false, allergyDetail: 'Allergy to contrast medium: no. The order says: yes. Confirmed: it was another drug' };
  const order = { studyType: 'CT Chest', contrastRequired: true, screeningRequired: ['contrast'], screening: { passed: true, concerns: [], contrast, mri: null } };
  render(
    <MantineProvider>
      <ExamDetails data={{ order, study: null } as unknown as ViewerData} />
    </MantineProvider>,
  );

  expect(screen.getByText(/^passed/).textContent).toBe(`passed\n${contrast.allergyDetail}`);
});
