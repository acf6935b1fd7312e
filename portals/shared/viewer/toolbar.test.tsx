/** What the toolbar says of an act that the shown images do not allow. */
import { MantineProvider } from '@mantine/core';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { actionForKey } from './actions';
import { ViewerController } from './controller';
import { loadSeries } from './dicomweb';
import { seriesOf } from './quiet-stage';
import { Toolbar } from './toolbar';

vi.mock('./dicomweb', () => ({ loadSeries: vi.fn() }));
vi.mock('./cornerstone', async () => {
  const { quietCornerstone, QuietStage } = await import('./quiet-stage');
  return quietCornerstone(QuietStage);
});

const REASON = 'The slices of an enhanced object lie in one file, and are not reformatted here.';

let viewer: ViewerController;

beforeEach(async () => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  vi.mocked(loadSeries).mockResolvedValue([{ ...seriesOf('1.2', 6), volume: { possible: false, reason: REASON } }]);
  viewer = new ViewerController();
  viewer.mount('a', document.createElement('div'));
  const series = { seriesInstanceUid: '1.2', modality: 'CT', seriesNumber: 1, description: '', count: 6, revision: 1 };
  await viewer.open({ studyInstanceUid: '1', label: '', date: '', prior: false, series: [series], documents: [] });
  render(
    <MantineProvider env="test">
      <Toolbar viewer={viewer} narrow={false} />
    </MantineProvider>,
  );
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('tells why a series is not reformatted, to whoever comes to the button by keyboard or mouse', async () => {
  const user = userEvent.setup();
  const button = screen.getByRole('button', { name: 'Reformat (MPR)' });

  button.focus();
  expect(document.activeElement).toBe(button);
  expect([button.getAttribute('aria-disabled'), button.getAttribute('aria-description')]).toEqual(['true', REASON]);
  expect((await screen.findByRole('tooltip')).textContent).toContain(REASON);

  await user.click(button);
  expect([viewer.getState().layout, viewer.getState().notice]).toEqual(['1x1', REASON]);
});

it('tells the same to whoever presses the key', () => {
  actionForKey('m', viewer)?.run(viewer);

  expect([viewer.getState().layout, viewer.getState().notice]).toEqual(['1x1', REASON]);
});

it('keeps a width of the window that was typed, and says what is wrong with it', async () => {
  const user = userEvent.setup();
  await user.click(screen.getByRole('button', { name: 'Window presets' }));
  const width = await screen.findByLabelText<HTMLInputElement>('Width');

  await user.clear(width);
  await user.type(width, '0');
  await user.tab();

  expect(width.value).toBe('0');
  expect(screen.getByText('At least 1.')).toBeTruthy();
});

it.each([
  ['Zoom in', 'zoomBy', 1.2],
  ['Zoom out', 'zoomBy', 1 / 1.2],
  ['Next image', 'scroll', 1],
  ['Previous image', 'scroll', -1],
] as const)('has a button for whoever has no keys at hand: %s', async (name, act, by) => {
  const done = vi.spyOn(viewer, act).mockReturnValue();

  await userEvent.setup().click(screen.getByRole('button', { name }));

  expect(done).toHaveBeenCalledExactlyOnceWith(by);
});

it('no button moves when the reader goes into the reformat: crosshairs wait in their place', () => {
  expect(screen.getByRole('button', { name: 'Crosshairs' })).toHaveProperty('disabled', true);
});
