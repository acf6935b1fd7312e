import { Text } from '@mantine/core';
import { IconCheck } from '@tabler/icons-react';
import type { Order, Report } from '../api/types';
import { useClock } from '../shell/portal-context';
import { stepsOf } from './progress';
import classes from './progress.module.css';

const STATES = { done: 'done', now: 'now', open: 'not yet' };

/** The way of an order, step by step, with the times. */
export function ProgressSteps({ order, report }: { order: Order; report: Report | null }) {
  const clock = useClock();
  const isCancelled = order.status === 'CANCELLED';
  return (
    <ol className={classes.steps} aria-label="Progress">
      {stepsOf(order, report).map(({ status, label, state, at }) => (
        <li key={status} data-state={isCancelled && state !== 'done' ? 'open' : state} aria-current={state === 'now' && !isCancelled ? 'step' : undefined}>
          <span className={classes.mark} aria-hidden>
            {state === 'done' && <IconCheck size={11} stroke={3} />}
          </span>
          <span>
            <Text span size="sm" fw={state === 'now' && !isCancelled ? 650 : 400}>
              {label}
            </Text>
            <span className="visually-hidden"> ({STATES[state]})</span>
          </span>
          <Text span size="xs" c="var(--text-dim)" className="tabular" style={{ whiteSpace: 'nowrap' }}>
            {at && clock.dateTime(at)}
          </Text>
        </li>
      ))}
    </ol>
  );
}
