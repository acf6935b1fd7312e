/** What one has ordered, each with where it stands now: results that were not opened first, then the newest, what was cancelled last. */
import { Anchor, Badge, Button, Group, SegmentedControl, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { orderSearchQuery } from '@shared/api/orders';
import type { Order, ReportSummary } from '@shared/api/types';
import { ProgressBar } from '@shared/progress/progress-bar';
import { useAmended } from '@shared/results/use-amended';
import { useUnread } from '@shared/results/use-unread';
import { Page } from '@shared/shell/page';
import { useClock } from '@shared/shell/portal-context';
import { Empty, Loaded } from '@shared/states/states';
import { ListHead } from '@shared/table/list-head';
import { overtaking, summaryOf } from '@shared/table/steady';
import { useSteadyRows } from '@shared/table/use-steady-rows';
import { PriorityBadge } from '@shared/theme/status';
import { ageAt, personName } from '@shared/time/hospital-time';
import { serverNow } from '@shared/time/server-clock';
import { useViewerAhead } from '@shared/viewer/ahead';
import { IconCalendar, IconClipboardPlus, IconFileText, IconPencilCheck, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { Part } from '../domain/orders-search';
import { PARTS } from '../domain/orders-search';
import classes from './orders.module.css';

const PAGE = 50;
const MOST = 500;
const keyOf = (order: Order) => order.id;

export function OrdersPage() {
  const { show = 'all' } = useSearch({ from: '/' });
  const [text, setText] = useState('');
  const [patient] = useDebouncedValue(text.trim(), 250);
  const [size, setSize] = useState(PAGE);
  const query = useQuery({
    ...orderSearchQuery({ patient, status: PARTS[show].status, mine: true, sort: 'unread', pageSize: size }),
    placeholderData: keepPreviousData,
  });
  useViewerAhead(query.isSuccess, '/images/$orderId');
  return (
    <Page
      title="My orders"
      actions={
        <Button component={Link} to="/new" leftSection={<IconClipboardPlus size={16} />}>
          New order
        </Button>
      }
    >
      <Filters show={show} text={text} setText={setText} />
      <Loaded query={query}>
        {({ items, total }) =>
          items.length === 0 ? (
            <Nothing show={show} patient={patient} />
          ) : (
            <>
              <List orders={items} total={total} scope={`${show}/${patient}/${size}/${query.isPlaceholderData}/${query.isFetchedAfterMount}`} />
              {total > items.length && size < MOST && (
                <Group justify="center" mt="md">
                  <Button variant="default" loading={query.isFetching} onClick={() => setSize(Math.min(MOST, size + PAGE))}>
                    Show more ({total - items.length})
                  </Button>
                </Group>
              )}
            </>
          )
        }
      </Loaded>
    </Page>
  );
}

function Filters({ show, text, setText }: { show: Part; text: string; setText: (text: string) => void }) {
  const navigate = useNavigate({ from: '/' });
  return (
    <div className={classes.filters}>
      <SegmentedControl
        aria-label="Which orders"
        size="xs"
        value={show}
        onChange={(part) => void navigate({ search: part === 'all' ? {} : { show: part as Part }, replace: true })}
        data={(['all', 'open', 'results', 'cancelled'] as const).map((part) => ({ value: part, label: PARTS[part].label }))}
      />
      <TextInput
        aria-label="Search by patient or order number"
        placeholder="Name, MRN or order number"
        type="search"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        className={classes.search}
      />
    </div>
  );
}

function Nothing({ show, patient }: { show: Part; patient: string }) {
  if (patient) return <Empty title="No order found">None of your orders fits “{patient}”. Only orders of your own are listed here.</Empty>;
  if (show !== 'all') return <Empty title="Nothing here">None of your orders is in this part of the list.</Empty>;
  return (
    <Empty
      title="No orders yet"
      action={
        <Button component={Link} to="/new" leftSection={<IconClipboardPlus size={16} />}>
          Order an exam
        </Button>
      }
    >
      What you order appears here, and follows by itself until its report is signed.
    </Empty>
  );
}

function List({ orders, total, scope }: { orders: Order[]; total: number; scope: string }) {
  const { unread } = useUnread();
  const amendedAt = useAmended();
  const news = new Map(unread.map((report) => [report.orderId, report]));
  const steady = useSteadyRows(orders, scope, keyOf, total > orders.length);
  const below = overtaking(steady.rows, orders, keyOf).filter(({ id }) => news.has(id)).length;
  return (
    <>
      <ListHead
        summary={summaryOf({ shown: steady.rows.length, listed: orders.length, total }, ['order', 'orders'])}
        alsoWaits={below > 0 ? `${below} unread below` : ''}
        {...steady}
      />
      <ul className={classes.list} aria-label="Orders">
        {steady.rows.map((order) => (
          <Row key={order.id} order={order} result={news.get(order.id)} amendedAt={amendedAt.get(order.id)} />
        ))}
      </ul>
    </>
  );
}

function Row({ order, result, amendedAt }: { order: Order; result: ReportSummary | undefined; amendedAt: string | undefined }) {
  const clock = useClock();
  const { patient } = order;
  return (
    <li className={classes.row} data-quiet={order.status === 'CANCELLED' || undefined}>
      <div className={classes.patient}>
        <Anchor component={Link} to="/orders/$orderId" params={{ orderId: order.id } as never} className={classes.open}>
          {personName(patient.name)}
        </Anchor>
        <Text size="xs" c="var(--text-dim)" className="tabular">
          {[patient.sex === 'U' ? '' : patient.sex, ageAt(patient.birthDate, serverNow())].filter(Boolean).join(' ')} · {patient.mrn}
        </Text>
      </div>
      <div className={classes.exam}>
        <Group gap={8} wrap="nowrap">
          <Text size="md" truncate title={order.studyType}>
            {order.studyType}
          </Text>
          {order.priority !== 'ROUTINE' && <PriorityBadge priority={order.priority} />}
        </Group>
        <Text size="xs" c="var(--text-dim)" truncate title={order.clinicalIndication}>
          {order.clinicalIndication}
        </Text>
      </div>
      <div className={classes.progress}>
        <ProgressBar order={order} />
      </div>
      <div className={classes.when}>
        <When order={order} amendedAt={amendedAt} />
        {result && (result.hasCriticalFindings ? <Badge color="red">New critical result</Badge> : <Badge color="sea">New result</Badge>)}
        <Text size="xs" c="var(--text-dim)" className="tabular">
          ordered {clock.near(order.createdAt)}
        </Text>
      </div>
    </li>
  );
}

/** The one time that matters at this step: the report's, or that of its amendment, the appointment's, or that there is none. */
function When({ order, amendedAt }: { order: Order; amendedAt: string | undefined }) {
  const clock = useClock();
  if (order.status === 'CANCELLED') return <Text size="sm">{order.cancelledAt && clock.near(order.cancelledAt)}</Text>;
  if (order.reportedAt) {
    const Icon = amendedAt ? IconPencilCheck : IconFileText;
    return (
      <Group gap={5} wrap="nowrap" c="var(--good)">
        <Icon size={14} aria-hidden />
        <Text span size="sm" className="tabular">
          {amendedAt ? `Amended ${clock.near(amendedAt)}` : `Report ${clock.near(order.reportedAt)}`}
        </Text>
      </Group>
    );
  }
  if (order.status !== 'SCHEDULED') return <Text size="sm">{order.startedAt ? `Exam ${clock.near(order.startedAt)}` : ''}</Text>;
  if (!order.appointment) return <Badge color="yellow">Appointment to follow</Badge>;
  return (
    <Group gap={5} wrap="nowrap">
      <IconCalendar size={14} aria-hidden />
      <Text span size="sm" className="tabular">
        {clock.near(order.appointment.startsAt)}, {order.appointment.room}
      </Text>
    </Group>
  );
}

