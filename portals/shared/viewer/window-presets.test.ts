import { describe, expect, it } from 'vitest';
import type { ImageWindows } from './window-presets';
import { presetsFor, windowOf } from './window-presets';

const image: ImageWindows = { scanner: { center: 600, width: 1200 }, pixels: { center: 2047.5, width: 4096 } };

const windows = (modality: string) => presetsFor(modality).map((preset) => [preset.name, windowOf(preset, image)]);

describe('window presets', () => {
  it('of CT are Hounsfield units, whatever the scanner set', () => {
    expect(windows('CT').slice(0, 2)).toEqual([
      ['Soft tissue', { center: 40, width: 400 }],
      ['Lung', { center: -600, width: 1500 }],
    ]);
  });

  it.each(['MR', 'US', 'OT'])('of %s follow from the image itself', (modality) => {
    expect(windows(modality)).toEqual([
      ['More contrast', { center: 600, width: 600 }],
      ['Less contrast', { center: 600, width: 2400 }],
      ['Whole range', { center: 2047.5, width: 4096 }],
    ]);
  });

  it.each(['CR', 'DX', 'MG', 'PT'])('of %s turn it into black on white, too', (modality) => {
    expect(windows(modality).at(-1)).toEqual(['Inverted', null]);
  });

  it('never close the window', () => {
    const flat = { scanner: { center: 5, width: 1 }, pixels: { center: 5, width: 1 } };

    expect(presetsFor('MR').map((preset) => windowOf(preset, flat)?.width)).toEqual([1, 2, 1]);
  });

  it('are none where nothing hangs', () => {
    expect(presetsFor('')).toEqual([]);
  });
});
