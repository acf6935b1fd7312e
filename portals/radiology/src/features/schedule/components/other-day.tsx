import { Alert } from '@mantine/core';
import { scheduleQuery } from '@shared/api/orders';
import type { Order } from '@shared/api/types';
import { useClock } from '@shared/shell/portal-context';
import { useCoarseNow } from '@shared/time/use-now';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { appointmentWords, otherDay, sameExamOf } from '../domain/schedule';

/** Patients do come on another day than their appointment's: it is warned of, and not refused. */
export function OtherDay({ order }: { order: Order }) {
  const clock = useClock();
  const today = clock.day(useCoarseNow());
  const warning = otherDay(order, today, clock);
  const day = useQuery({ ...scheduleQuery({ date: today }), enabled: warning !== '' });
  if (!warning) return null;
  const [other] = sameExamOf(order, day.data?.items ?? []);
  return (
    <Alert color="yellow" p="xs" icon={<IconAlertTriangle size={18} />} title={warning}>
      {other && `The same exam is booked for this patient today: ${appointmentWords(other, clock.time, clock)}, ${other.orderNumber}. Is it that one?`}
    </Alert>
  );
}
