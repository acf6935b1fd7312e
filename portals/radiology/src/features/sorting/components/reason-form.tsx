import type { Study } from '@shared/api/types';
import type { GiveReasonProps } from '@shared/feedback/give-reason';
import { GiveReason } from '@shared/feedback/give-reason';
import { examName } from '@shared/order-form/exam-name';
import { personName } from '@shared/time/hospital-time';

/** Images as they call themselves. */
export type Received = Pick<Study, 'patientName' | 'patientId' | 'modality' | 'studyDescription'>;

/** Each decision over images names whose they are. */
export function ReasonForm({ of, ...form }: Omit<GiveReasonProps, 'of'> & { of: Received }) {
  return <GiveReason of={`${personName(of.patientName)} · ${of.patientId} · ${examName(of.modality, of.studyDescription)}`} {...form} />;
}
