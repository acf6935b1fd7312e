/** Windows that readers know by name: plain data, by DICOM modality. Keys 1 to 9 follow the order. Pure. */
export interface PixelWindow {
  center: number;
  width: number;
}

/** What can be told of an image: the window that its file asks for, and the one that shows all its values. */
export interface ImageWindows {
  scanner: PixelWindow;
  pixels: PixelWindow;
}

interface Relative {
  of: keyof ImageWindows;
  times: number;
}

/** In numbers of absolute meaning, in shares of what the image has, or turned from white to black. */
export type WindowPreset = { name: string } & (PixelWindow | Relative | { inverted: true });

const CT: WindowPreset[] = [
  { name: 'Soft tissue', center: 40, width: 400 },
  { name: 'Lung', center: -600, width: 1500 },
  { name: 'Bone', center: 480, width: 2500 },
  { name: 'Brain', center: 40, width: 80 },
  { name: 'Stroke', center: 32, width: 8 },
  { name: 'Liver', center: 80, width: 150 },
  { name: 'Mediastinum', center: 50, width: 350 },
  { name: 'Angiography', center: 300, width: 600 },
];

const CONTRAST: WindowPreset[] = [
  { name: 'More contrast', of: 'scanner', times: 0.5 },
  { name: 'Less contrast', of: 'scanner', times: 2 },
  { name: 'Whole range', of: 'pixels', times: 1 },
];

/** Read in black on white as well: bones and nodules on X-rays, uptake in nuclear medicine. */
const INVERTIBLE: WindowPreset[] = [...CONTRAST, { name: 'Inverted', inverted: true }];

const PRESETS: Record<string, WindowPreset[]> = { CT, CR: INVERTIBLE, DX: INVERTIBLE, MG: INVERTIBLE, RG: INVERTIBLE, XA: INVERTIBLE, PT: INVERTIBLE, NM: INVERTIBLE };

/** Only CT has numbers of absolute meaning (Hounsfield units); elsewhere the image's own window is made narrower or wider. */
export function presetsFor(modality: string): WindowPreset[] {
  return PRESETS[modality] ?? (modality ? CONTRAST : []);
}

/** The window of a preset on an image; null for one that only inverts. */
export function windowOf(preset: WindowPreset, image: ImageWindows): PixelWindow | null {
  if ('inverted' in preset) return null;
  if ('center' in preset) return { center: preset.center, width: preset.width };
  const { center, width } = image[preset.of];
  return { center, width: Math.max(1, width * preset.times) };
}
