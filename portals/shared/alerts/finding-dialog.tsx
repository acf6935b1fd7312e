import type { ModalProps } from '@mantine/core';
import { Modal, Text } from '@mantine/core';
import type { Alert } from '../api/types';
import { patientLine } from '../shell/patient';

/** Whose finding it is, with what the reader may know of the patient. */
export const whose = ({ patient, finding }: Alert): string => (patient ? patientLine(patient) : finding.orderNumber);

/** Two findings of one kind may stand side by side, and the dialog lies over both: it says which one it is about. */
export function FindingDialog({ alert, children, ...modal }: { alert: Alert } & ModalProps) {
  const { findingTitle, text } = alert.finding;
  return (
    <Modal {...modal}>
      <Text size="sm" fw={600}>
        {whose(alert)}
      </Text>
      <Text size="sm" mb="md" lineClamp={3}>
        {findingTitle}: {text}
      </Text>
      {children}
    </Modal>
  );
}
