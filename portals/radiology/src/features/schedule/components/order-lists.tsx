/** The orders of a day, by time, and those that found no slot. */
import { Group, Paper, Stack, Text, Title } from '@mantine/core';
import type { Order, OrderPage } from '@shared/api/types';
import { PatientCell } from '@shared/shell/patient';
import { useClock } from '@shared/shell/portal-context';
import type { QueryLike } from '@shared/states/states';
import { Empty, Loaded, Loading } from '@shared/states/states';
import { ListHead } from '@shared/table/list-head';
import { summaryOf } from '@shared/table/steady';
import { useSteadyRows } from '@shared/table/use-steady-rows';
import { ExamStatusBadge, PriorityBadge } from '@shared/theme/status';
import clsx from 'clsx';
import classes from './schedule.module.css';

type Listed = Pick<OrderPage, 'items' | 'total'>;

const keyOf = ({ id }: Order) => id;
const isCut = ({ items, total }: Listed) => total > items.length;

/** What the words for the size of a list are made of. */
const counted = ({ items, total }: Listed) => ({ shown: items.length, listed: items.length, total });
const APPOINTMENTS = ['appointment', 'appointments'] as const;

/** What a day holds. Cancelled exams stay in its list, and are no appointments any more. */
export function daySummary(day: Listed): string {
  const cancelled = day.items.filter(({ status }) => status === 'CANCELLED').length;
  if (isCut(day) || cancelled === 0) return summaryOf(counted(day), APPOINTMENTS);
  const kept = day.total - cancelled;
  return `${summaryOf({ shown: kept, listed: kept, total: kept }, APPOINTMENTS)}, ${cancelled} cancelled`;
}

export function OrderList({ page, scope, selectedId, onSelect }: { page: Listed; scope: string; selectedId: string | null; onSelect: (id: string) => void }) {
  const clock = useClock();
  const steady = useSteadyRows(page.items, scope, keyOf, isCut(page));
  if (steady.rows.length === 0) return <Empty title="No appointments on this day" />;
  return (
    <>
      <ListHead summary={isCut(page) ? `${daySummary(page)}, by time: choose a modality or priority for the others` : 'By time'} {...steady} />
      <ul className={classes.list}>
        {steady.rows.map((order) => (
          <li key={order.id} className={clsx(steady.gone.includes(order) && classes.gone)}>
            <button type="button" className={classes.row} aria-pressed={order.id === selectedId} onClick={() => onSelect(order.id)}>
              <span className="tabular">{order.appointment && `${clock.time(order.appointment.startsAt)}–${clock.time(order.appointment.endsAt)}`}</span>
              <span>{order.appointment?.equipmentName}</span>
              <span className={classes.clip}>
                <PatientCell patient={order.patient} />
              </span>
              <span className={classes.clip}>{order.studyType}</span>
              <PriorityBadge priority={order.priority} />
              <ExamStatusBadge order={order} />
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

/** Orders that found no slot are never lost: they stand here until somebody gives them one. */
export function WithoutSlot({ query, onSelect }: { query: QueryLike<Listed>; onSelect: (id: string) => void }) {
  return (
    <Stack gap="xs" p="sm">
      <Title order={2}>Without a slot</Title>
      <Loaded query={query} skeleton={<Loading rows={2} />}>
        {(page) => <Waiting page={page} onSelect={onSelect} />}
      </Loaded>
    </Stack>
  );
}

function Waiting({ page, onSelect }: { page: Listed; onSelect: (id: string) => void }) {
  const steady = useSteadyRows(page.items, 'without-slot', keyOf, isCut(page));
  return (
    <>
      {steady.rows.length === 0 ? (
        <Text size="sm" c="var(--text-dim)">
          Every order has its appointment. Choose one in the timeline to see it here.
        </Text>
      ) : (
        <ListHead summary={summaryOf({ ...counted(page), shown: steady.rows.length }, ['order', 'orders'])} {...steady} />
      )}
      {steady.rows.map((order) => (
        <Paper key={order.id} p="xs" bg="dark.7" component="button" className={clsx(classes.card, steady.gone.includes(order) && classes.gone)} onClick={() => onSelect(order.id)}>
          <Group justify="space-between" wrap="nowrap">
            <span className={classes.clip}>
              <PatientCell patient={order.patient} />
            </span>
            <PriorityBadge priority={order.priority} />
          </Group>
          <Text size="xs" c="var(--text-dim)">
            {order.studyType}
          </Text>
        </Paper>
      ))}
    </>
  );
}
