/** Whose images these are. It never leaves the page and never scrolls. */
import { Badge, Group } from '@mantine/core';
import type { ViewerData } from '@shared/api/types';
import { useKnownReport } from '@shared/report/use-known-report';
import { SEX } from '@shared/shell/patient';
import { PriorityBadge, OrderStatusBadge } from '@shared/theme/status';
import { CountdownLabel } from '@shared/time/countdown-label';
import { ageAt, personName } from '@shared/time/hospital-time';
import { serverNow } from '@shared/time/server-clock';
import { calendarDate } from '@shared/viewer/study-listing';
import { IconBook2 } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import classes from './reading.module.css';

export function CaseBanner({ data: { order, study }, reader }: { data: ViewerData; reader: string | null }) {
  const { patient } = order;
  const report = useKnownReport(order.id);
  return (
    <header className={classes.banner} aria-label="Patient and exam">
      <dl>
        <Fact term={patient.mrn.startsWith('MRN') ? patient.mrn : `MRN ${patient.mrn}`} className={classes.who}>
          {personName(patient.name)}
        </Fact>
        <Fact term="Born">
          {patient.birthDate ? `${calendarDate(patient.birthDate)} · ` : ''}
          {[ageAt(patient.birthDate, order.startedAt ?? serverNow()), SEX[patient.sex]].filter(Boolean).join(', ')}
        </Fact>
        <Fact term={`${order.accessionNumber}${study?.studyDate ? ` · ${calendarDate(study.studyDate)}` : ''}`}>
          {order.studyType}
          {order.laterality ? ` · ${order.laterality.toLowerCase()}` : ''}
        </Fact>
        <Fact term={`Indication · ${order.orderingProviderName}`} className={classes.grow}>
          <span title={[order.clinicalIndication, order.clinicalHistory].filter(Boolean).join('\n')}>{order.clinicalIndication}</span>
        </Fact>
      </dl>
      <Group gap="xs" wrap="nowrap">
        {reader && (
          <Badge color="yellow" leftSection={<IconBook2 size={12} />}>
            {reader} is reading
          </Badge>
        )}
        <PriorityBadge priority={order.priority} />
        <OrderStatusBadge order={order} reportStatus={report?.status} />
        {order.dueAt && order.readyForReadAt && order.status !== 'FINAL_REPORT' && <CountdownLabel startedAt={order.readyForReadAt} dueAt={order.dueAt} />}
      </Group>
    </header>
  );
}

function Fact({ term, children, className = '' }: { term: string; children: ReactNode; className?: string }) {
  return (
    <div className={`${classes.fact} ${className}`}>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </div>
  );
}
