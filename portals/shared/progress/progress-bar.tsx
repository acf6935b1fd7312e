import { Group, Text } from '@mantine/core';
import { IconBan } from '@tabler/icons-react';
import type { Order } from '../api/types';
import { stepsOf } from './progress';
import classes from './progress.module.css';

/** The way of an order in one line: a bar in steps, and the word for where it stands. */
export function ProgressBar({ order }: { order: Order }) {
  if (order.status === 'CANCELLED') {
    return (
      <Group gap={5} c="var(--text-dim)" wrap="nowrap">
        <IconBan size={14} aria-hidden />
        <Text span size="sm">
          Cancelled
        </Text>
      </Group>
    );
  }
  const steps = stepsOf(order);
  const label = steps.findLast(({ state }) => state !== 'open')?.label;
  return (
    <div className={classes.bar}>
      <div className={classes.segments} aria-hidden>
        {steps.map(({ status, state }) => (
          <span key={status} data-state={state} />
        ))}
      </div>
      <Text span size="sm" className={classes.word}>
        {label}
      </Text>
    </div>
  );
}
