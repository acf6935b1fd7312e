/** Windows that readers know by name: plain data, by DICOM modality. Keys 1 to 9 follow the order. */
export interface WindowPreset {
  name: string;
  center: number;
  width: number;
}

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

const PRESETS: Record<string, WindowPreset[]> = { CT };

/** Only CT has numbers of absolute meaning (Hounsfield units); elsewhere the file's own window is offered. */
export function presetsFor(modality: string): WindowPreset[] {
  return PRESETS[modality] ?? [];
}
