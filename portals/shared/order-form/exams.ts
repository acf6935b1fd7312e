/** The exams that can be ordered, as the specification lists them: plain data, and pure questions about it. */
import type { Modality } from '../api/types';

export interface Exam {
  studyType: string;
  bodyPart: string;
  /** The exam is of one side. */
  sided?: true;
  /** Contrast that the exam usually needs. */
  contrast?: 'IODINE' | 'GADOLINIUM' | 'ORAL';
}

export const MODALITIES: ReadonlyArray<{ value: Modality; label: string }> = [
  { value: 'USG', label: 'Ultrasound' },
  { value: 'XRAY', label: 'X-ray' },
  { value: 'CT', label: 'CT' },
  { value: 'MRI', label: 'MRI' },
];

export const EXAMS: Record<Modality, Exam[]> = {
  USG: [
    { studyType: 'Abdominal USG', bodyPart: 'ABDOMEN' },
    { studyType: 'Pelvic USG', bodyPart: 'PELVIS' },
    { studyType: 'Obstetric USG', bodyPart: 'UTERUS' },
    { studyType: 'Vascular USG (Doppler)', bodyPart: 'LEG', sided: true },
    { studyType: 'Thyroid USG', bodyPart: 'THYROID' },
    { studyType: 'Breast USG', bodyPart: 'BREAST', sided: true },
  ],
  XRAY: [
    { studyType: 'Chest X-Ray PA and Lateral', bodyPart: 'CHEST' },
    { studyType: 'Chest X-Ray AP portable', bodyPart: 'CHEST' },
    { studyType: 'X-Ray Wrist', bodyPart: 'WRIST', sided: true },
    { studyType: 'X-Ray Knee', bodyPart: 'KNEE', sided: true },
    { studyType: 'X-Ray Hip', bodyPart: 'HIP', sided: true },
    { studyType: 'X-Ray Ankle', bodyPart: 'ANKLE', sided: true },
  ],
  CT: [
    { studyType: 'CT Head (stroke protocol)', bodyPart: 'HEAD' },
    { studyType: 'CT Chest (PE protocol)', bodyPart: 'CHEST', contrast: 'IODINE' },
    { studyType: 'CT Abdomen/Pelvis with Contrast', bodyPart: 'ABDOMEN', contrast: 'IODINE' },
    { studyType: 'CT Abdomen/Pelvis without Contrast', bodyPart: 'ABDOMEN' },
    { studyType: 'CT Angiography (CTA)', bodyPart: 'AORTA', contrast: 'IODINE' },
    { studyType: 'CT Spine', bodyPart: 'SPINE' },
  ],
  MRI: [
    { studyType: 'MRI Brain', bodyPart: 'BRAIN' },
    { studyType: 'MRI Brain with Contrast', bodyPart: 'BRAIN', contrast: 'GADOLINIUM' },
    { studyType: 'MRI Spine', bodyPart: 'SPINE' },
    { studyType: 'MRI Knee', bodyPart: 'KNEE', sided: true },
    { studyType: 'MRI Shoulder', bodyPart: 'SHOULDER', sided: true },
    { studyType: 'MRI Abdomen', bodyPart: 'ABDOMEN', contrast: 'GADOLINIUM' },
    { studyType: 'MR Angiography (MRA)', bodyPart: 'HEAD' },
  ],
};

/** `Doe^John` for the contract, from the two fields of the form. */
export function dicomName(family: string, given: string): string {
  const plain = (text: string) => text.replace(/[\^=\\]/g, ' ').trim();
  return given.trim() ? `${plain(family)}^${plain(given)}` : plain(family);
}
