/** What was ordered and examined of this patient before; it may answer the question without another exam. */
import { Badge, Paper, Stack, Text, Title } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { patientStudiesQuery } from '../api/studies';
import type { Order, PriorStudySummary } from '../api/types';
import { useClock, usePortal } from '../shell/portal-context';
import { Loaded } from '../states/states';
import { OrderStatusBadge, ReportStatusBadge } from '../theme/status';
import { calendarDate } from '../viewer/study-listing';

interface PatientHistoryProps {
  patientId: string | undefined;
  isNewPatient: boolean;
  orders: Order[];
  orderLink: (orderId: string, text: ReactNode) => ReactNode;
}

const ALL_ARE_COMPARED = 'The radiologist sees all that is stored under the MRN, also of other doctors.';

export function PatientHistory({ patientId, isNewPatient, orders, orderLink }: PatientHistoryProps) {
  return (
    <Paper p="md">
      <Title order={2} mb="xs">
        Earlier exams
      </Title>
      {patientId ? (
        <Known patientId={patientId} orders={orders} orderLink={orderLink} />
      ) : (
        <Text size="sm" c="var(--text-dim)">
          {isNewPatient ? `No exam of a patient who is not listed is shown here. ${ALL_ARE_COMPARED}` : 'Choose the patient to see what was examined before.'}
        </Text>
      )}
    </Paper>
  );
}

function Known({ patientId, orders, orderLink }: Omit<PatientHistoryProps, 'isNewPatient'> & { patientId: string }) {
  const { permissions } = usePortal().me;
  const query = useQuery(patientStudiesQuery(patientId));
  const open = orders.filter(({ status }) => status === 'SCHEDULED' || status === 'IN_PROGRESS');
  return (
    <Loaded query={query}>
      {({ items }) => (
        <Stack gap="sm">
          {open.map((order) => (
            <OpenOrder key={order.id} order={order} orderLink={orderLink} />
          ))}
          {items.map((study) => (
            <Study key={study.studyInstanceUid} study={study} orderLink={orderLink} />
          ))}
          {open.length + items.length === 0 && (
            <Text size="sm" c="var(--text-dim)">
              {permissions['priors.read'] === 'any' ? 'Nothing earlier is stored.' : `Nothing earlier that you ordered is stored. ${ALL_ARE_COMPARED}`}
            </Text>
          )}
        </Stack>
      )}
    </Loaded>
  );
}

function OpenOrder({ order, orderLink }: { order: Order; orderLink: PatientHistoryProps['orderLink'] }) {
  const clock = useClock();
  return (
    <div>
      <Text size="sm" fw={600} component="div">
        {orderLink(order.id, order.studyType)}
      </Text>
      <Text size="xs" c="var(--text-dim)" mb={2}>
        {order.appointment ? clock.dateTime(order.appointment.startsAt) : 'no appointment yet'}
      </Text>
      <OrderStatusBadge order={order} />
    </div>
  );
}

function Study({ study, orderLink }: { study: PriorStudySummary; orderLink: PatientHistoryProps['orderLink'] }) {
  const name = study.studyDescription || `${study.modality} ${study.bodyPart}`.trim();
  return (
    <div>
      <Text size="sm" fw={600} component="div">
        {study.orderId ? orderLink(study.orderId, name) : name}
      </Text>
      <Text size="xs" c="var(--text-dim)" mb={2}>
        {study.studyDate ? calendarDate(study.studyDate) : 'no date'} · {study.modality} · {study.numberOfInstances} images
      </Text>
      {study.reportStatus ? <ReportStatusBadge status={study.reportStatus} /> : <Badge color="gray">Not reported</Badge>}
      {study.impression && (
        <Text size="sm" mt={3} lineClamp={4} style={{ whiteSpace: 'pre-wrap' }}>
          {study.impression}
        </Text>
      )}
    </div>
  );
}
