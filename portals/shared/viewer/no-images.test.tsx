import { MantineProvider } from '@mantine/core';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, it } from 'vitest';
import { hasImages, NoImages } from './no-images';

const said = (imagesCapturedAt: string | null) =>
  renderToStaticMarkup(
    <MantineProvider>
      <NoImages order={{ imagesCapturedAt }} />
    </MantineProvider>,
  );

it('an exam whose images were all taken out does not say that none came yet', () => {
  expect(said('2026-03-02T11:30:00Z')).toContain('The images were taken out of this exam');
  expect(said(null)).toContain('No images yet');
});

it('a study of which every image was taken out has none to show', () => {
  expect([[], [{ numberOfInstances: 0 }], [{ numberOfInstances: 0 }, { numberOfInstances: 3 }]].map((studies) => hasImages({ studies }))).toEqual([false, false, true]);
});
