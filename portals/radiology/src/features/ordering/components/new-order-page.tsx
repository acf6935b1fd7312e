import { told } from '@shared/feedback/toasts';
import { OrderEntry } from '@shared/order-entry/order-entry';
import { Page } from '@shared/shell/page';
import { useClock } from '@shared/shell/portal-context';
import { useNavigate } from '@tanstack/react-router';

/** The department orders too, in the name of a referring doctor. */
export function NewOrderPage() {
  const navigate = useNavigate();
  const clock = useClock();
  return (
    <Page title="New order">
      <OrderEntry
        asksOrderer
        onOrdered={(order) => {
          told(order.appointment ? `${order.orderNumber}: ${clock.dateTime(order.appointment.startsAt)}, ${order.appointment.equipmentName}` : `${order.orderNumber}: no slot is free yet; it stands on the list`);
          void navigate({ to: '/schedule', search: order.scheduledDate ? { date: order.scheduledDate } : {} });
        }}
      />
    </Page>
  );
}
