import { Alert, Checkbox, Text } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { Order } from '../api/types';
import { useClock } from '../shell/portal-context';
import { orderStatusLabel } from '../theme/status';
import type { OrderDraft } from './draft';

interface DuplicateWarningProps {
  duplicates: Order[];
  draft: OrderDraft;
  change: (part: Partial<OrderDraft>) => void;
  problem: string | undefined;
  orderLink: (orderId: string, text: ReactNode) => ReactNode;
}

/** A second exam of the same region costs dose, contrast and a slot; the orderer decides with open eyes. */
export function DuplicateWarning({ duplicates, draft, change, problem, orderLink }: DuplicateWarningProps) {
  const clock = useClock();
  const ids = duplicates.map(({ id }) => id);
  const isKnown = ids.every((id) => draft.knownDuplicates.includes(id));
  return (
    <div role="status">
      {duplicates.length > 0 && (
        <Alert color="yellow" icon={<IconCopy size={18} />} title="This exam is ordered already">
          {duplicates.map((order) => (
            <Text key={order.id} size="sm">
              {orderLink(order.id, order.studyType)}: {orderStatusLabel(order.status).toLowerCase()}
              {order.appointment && order.status === 'SCHEDULED' ? ` for ${clock.dateTime(order.appointment.startsAt)}` : ''}, ordered {clock.dateTime(order.createdAt)} by {order.orderingProviderName} ({order.orderNumber})
            </Text>
          ))}
          <Checkbox size="sm" mt="xs" label="I know, and need this one too" checked={isKnown} error={problem} onChange={(event) => change({ knownDuplicates: event.currentTarget.checked ? ids : [] })} />
        </Alert>
      )}
    </div>
  );
}
