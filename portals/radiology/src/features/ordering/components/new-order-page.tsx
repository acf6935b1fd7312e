import { told } from '@shared/feedback/toasts';
import { OrderForm } from '@shared/order-form/order-form';
import { Page } from '@shared/shell/page';
import { useClock } from '@shared/shell/portal-context';
import { useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';

export function NewOrderPage() {
  const navigate = useNavigate();
  const clock = useClock();
  const queries = useQueryClient();
  return (
    <Page title="New order">
      <OrderForm
        onOrdered={(order) => {
          told(order.appointment ? `${order.orderNumber}: ${clock.dateTime(order.appointment.startsAt)}, ${order.appointment.equipmentName}` : `${order.orderNumber}: no slot is free yet; it stands on the list`);
          void queries.invalidateQueries({ queryKey: ['orders', 'list'] });
          void navigate({ to: '/schedule', search: order.scheduledDate ? { date: order.scheduledDate } : {} });
        }}
      />
    </Page>
  );
}
