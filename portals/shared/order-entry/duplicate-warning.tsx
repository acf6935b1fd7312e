import { Alert, Checkbox, Text } from '@mantine/core';
import { IconCopy } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { SimilarOrder } from '../api/types';
import { useClock } from '../shell/portal-context';
import { orderStatusLabel } from '../theme/status';
import type { OrderDraft } from './draft';
import { unconfirmed } from './draft';

interface DuplicateWarningProps {
  duplicates: SimilarOrder[];
  draft: OrderDraft;
  change: (part: Partial<OrderDraft>) => void;
  problem: string | undefined;
  orderLink: (orderId: string, text: ReactNode) => ReactNode;
}

/** A second exam of the same region costs dose, contrast and a slot; the orderer decides with open eyes. */
export function DuplicateWarning({ duplicates, draft, change, problem, orderLink }: DuplicateWarningProps) {
  return (
    <div role="status">
      {duplicates.length > 0 && (
        <Alert color="yellow" icon={<IconCopy size={18} />} title="This exam is ordered already">
          {duplicates.map((order) => (
            <Duplicate key={order.id} order={order} orderLink={orderLink} />
          ))}
          <Checkbox
            size="sm"
            mt="xs"
            label="I know, and need this one too"
            checked={!unconfirmed(draft, duplicates)}
            error={problem}
            onChange={(event) => change({ knownDuplicates: event.currentTarget.checked ? duplicates.map(({ id }) => id) : [] })}
          />
        </Alert>
      )}
    </div>
  );
}

/** What may not be opened is another doctor's: no more is known of it here, and no more is needed to ask. */
function Duplicate({ order, orderLink }: { order: SimilarOrder; orderLink: DuplicateWarningProps['orderLink'] }) {
  const clock = useClock();
  const exam = [order.studyType, order.laterality?.toLowerCase()].filter(Boolean).join(', ');
  const dates = [
    order.startsAt && order.status === 'SCHEDULED' ? ` for ${clock.dateTime(order.startsAt)}` : '',
    order.completedAt ? `, done ${clock.dateTime(order.completedAt)}` : '',
    `, ordered ${clock.dateTime(order.createdAt)}`,
  ];
  return (
    <Text size="sm">
      {order.mayOpen ? orderLink(order.id, exam) : exam}: {orderStatusLabel(order).toLowerCase()}
      {dates.join('')}
      {order.mayOpen ? '' : ' by another doctor. Radiology can tell you more.'}
    </Text>
  );
}
