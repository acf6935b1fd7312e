import { Anchor } from '@mantine/core';
import type { Order } from '@shared/api/types';
import { told } from '@shared/feedback/toasts';
import { OrderEntry } from '@shared/order-entry/order-entry';
import { Page } from '@shared/shell/page';
import { useClock } from '@shared/shell/portal-context';
import { Link, useNavigate } from '@tanstack/react-router';
import type { ReactNode } from 'react';

export function NewOrderPage() {
  const navigate = useNavigate();
  const clock = useClock();
  const onOrdered = (order: Order) => {
    told(order.appointment ? `Ordered. Appointment ${clock.dateTime(order.appointment.startsAt)}, ${order.appointment.room}.` : 'Ordered. The appointment follows.');
    void navigate({ to: '/orders/$orderId', params: { orderId: order.id } });
  };
  return (
    <Page title="New order" subtitle="In your own name; kept in this browser until you send it">
      <OrderEntry onOrdered={onOrdered} orderLink={(orderId, text) => <OrderLink orderId={orderId}>{text}</OrderLink>} />
    </Page>
  );
}

function OrderLink({ orderId, children }: { orderId: string; children: ReactNode }) {
  return (
    <Anchor component={Link} to="/orders/$orderId" params={{ orderId } as never} c="var(--info)" size="sm" fw={600}>
      {children}
    </Anchor>
  );
}
