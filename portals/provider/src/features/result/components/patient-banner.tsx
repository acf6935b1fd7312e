/** Whose exam this is: on top of every page about it. */
import { Group } from '@mantine/core';
import type { Order } from '@shared/api/types';
import { useKnownReport } from '@shared/report/use-known-report';
import { OrderStatusBadge, PriorityBadge } from '@shared/theme/status';
import { ageAt, personName } from '@shared/time/hospital-time';
import { serverNow } from '@shared/time/server-clock';
import { calendarDate } from '@shared/viewer/study-listing';
import type { ReactNode } from 'react';
import classes from './result.module.css';

const SEX: Record<string, string> = { M: 'male', F: 'female', O: 'other sex', U: 'sex unknown' };

export function PatientBanner({ order, children }: { order: Order; children?: ReactNode }) {
  const { patient } = order;
  const report = useKnownReport(order.id);
  const age = ageAt(patient.birthDate, order.startedAt ?? serverNow());
  return (
    <header className={classes.banner} aria-label="Patient and exam">
      <div className={classes.who}>
        <strong>{personName(patient.name)}</strong>
        <span>
          {[age, SEX[patient.sex]].filter(Boolean).join(', ')}
          {patient.birthDate ? ` · born ${calendarDate(patient.birthDate)}` : ''} · {patient.mrn}
        </span>
      </div>
      <div className={classes.exam}>
        <strong>
          {order.studyType}
          {order.laterality ? `, ${order.laterality.toLowerCase()}` : ''}
        </strong>
        <span className="tabular">{order.orderNumber}</span>
      </div>
      <Group gap={6} className={classes.badges}>
        {order.priority !== 'ROUTINE' && <PriorityBadge priority={order.priority} />}
        <OrderStatusBadge order={order} reportStatus={report?.status} />
        {children}
      </Group>
    </header>
  );
}
