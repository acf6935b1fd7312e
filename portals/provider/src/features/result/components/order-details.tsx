import { Paper, Text, Title } from '@mantine/core';
import type { Order } from '@shared/api/types';
import { contrastWords, statedWords } from '@shared/order-entry/stated-safety';
import { useClock } from '@shared/shell/portal-context';
import { calendarDate } from '@shared/viewer/study-listing';
import classes from './result.module.css';

export function OrderDetails({ order }: { order: Order }) {
  const clock = useClock();
  const wanted = [order.wantedDate && calendarDate(order.wantedDate), order.wantedTime?.slice(0, 5)].filter(Boolean).join(' ');
  const rows: Array<[string, string]> = [
    ['Indication', order.clinicalIndication],
    ['History', order.clinicalHistory],
    ['Body part', [order.bodyPart.toLowerCase(), order.laterality?.toLowerCase()].filter(Boolean).join(', ')],
    ['Contrast', contrastWords(order)],
    ['Safety', statedWords(order).join('\n')],
    ['Instructions', order.specialInstructions],
    ['Wanted', wanted],
    ['Ordered', `${order.orderingProviderName}, ${clock.dateTime(order.createdAt)}`],
  ];
  return (
    <Paper p="md" component="section" aria-label="What was ordered">
      <Title order={2} mb="xs">
        What was ordered
      </Title>
      <dl className={classes.facts}>
        {rows
          .filter(([, value]) => value)
          .map(([term, value]) => (
            <div key={term}>
              <Text component="dt" size="sm" c="var(--text-dim)">
                {term}
              </Text>
              <Text component="dd" size="sm" m={0} style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
                {value}
              </Text>
            </div>
          ))}
      </dl>
    </Paper>
  );
}
