import { Group, Paper, Text } from '@mantine/core';
import { unmatch } from '@shared/api/studies';
import type { UnmatchedStudy } from '@shared/api/types';
import { examName } from '@shared/order-form/exam-name';
import { personName } from '@shared/time/hospital-time';
import { calendarDate } from '@shared/viewer/study-listing';
import { TakeBack } from './take-back';

/** A study that a person has given to an order, or kept without one. */
export function SortedStudy({ item, onSettled }: { item: UnmatchedStudy; onSettled: () => void }) {
  const { study, suggestions } = item;
  const [order] = suggestions;
  const { decidedBy, reason } = study.match;
  return (
    <Paper p="md" bg="dark.6" component="article" aria-label={`Decision about the study of ${personName(study.patientName)}`}>
      <Group justify="space-between" wrap="nowrap">
        <div style={{ minWidth: 0 }}>
          <Text size="md" fw={600}>
            {personName(study.patientName)} · {study.patientId}
          </Text>
          <Text size="sm">
            {order ? `Given to ${order.studyType} of ${personName(order.patient.name)} (${order.orderNumber})` : 'Kept without order'} by {decidedBy?.name ?? 'unknown'}: {reason}
          </Text>
          <Text size="xs" c="var(--text-dim)">
            {examName(study.modality, study.studyDescription)}
            {study.studyDate && ` · ${calendarDate(study.studyDate)}`} · received as {study.accessionNumber || 'no accession number'}
          </Text>
        </div>
        <TakeBack
          of={study}
          note={order ? 'The study stands on the list again. It leaves its order, also for those who have it open.' : 'The study stands on the list again, and is no prior of its patient until it is decided over.'}
          undo={(why) => unmatch(study.studyInstanceUid, why)}
          onDone={onSettled}
        />
      </Group>
    </Paper>
  );
}
