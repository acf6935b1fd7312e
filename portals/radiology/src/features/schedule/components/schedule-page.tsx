import { ActionIcon, Badge, Button, Group, Paper, SegmentedControl, Select, Stack, Text, Title } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import { useElementSize } from '@mantine/hooks';
import { equipmentQuery } from '@shared/api/equipment';
import { orderQuery, scheduleQuery, withoutSlotQuery } from '@shared/api/orders';
import type { Order } from '@shared/api/types';
import { Page } from '@shared/shell/page';
import { PatientCell } from '@shared/shell/patient';
import { useClock, useMay } from '@shared/shell/portal-context';
import { Empty, Loaded } from '@shared/states/states';
import { ListHead } from '@shared/table/list-head';
import { useSteadyRows } from '@shared/table/use-steady-rows';
import { OrderStatusBadge, PriorityBadge } from '@shared/theme/status';
import { IconBan, IconChevronLeft, IconChevronRight, IconDoor, IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import clsx from 'clsx';
import { useState } from 'react';
import type { ScheduleSearch } from '../domain/schedule';
import { roomsOf, standing, TO_DECIDE } from '../domain/schedule';
import { BlockRoom } from './block-room';
import { OrderPanel } from './order-panel';
import { RoomDialog } from './room-form';
import classes from './schedule.module.css';
import { ROW_PX, Timeline } from './timeline';

const ANY = 'ANY';
const LEAST_LIST_PX = 400;
const keyOf = ({ id }: Order) => id;

export function SchedulePage() {
  const search = useSearch({ from: '/schedule' });
  const clock = useClock();
  const may = useMay();
  const date = search.date ?? clock.day(new Date());
  const orders = useQuery({
    ...scheduleQuery({ date, ...(search.modality ? { modality: [search.modality] } : {}), ...(search.priority ? { priority: [search.priority] } : {}) }),
    placeholderData: keepPreviousData,
  });
  const rooms = useQuery(equipmentQuery);
  const [selectedId, setSelectedId] = useState<string | null>(null);
  const [isBlocking, setBlocking] = useState(false);
  const [isEditing, setEditing] = useState(false);
  const waiting = useQuery(withoutSlotQuery);
  const listed = [...(orders.data?.items ?? []), ...(waiting.data?.items ?? [])].find(({ id }) => id === selectedId);
  // Moved to another day, or behind a filter, by whomever: who works on it keeps it.
  const elsewhere = useQuery({ ...orderQuery(selectedId ?? ''), enabled: selectedId !== null && !listed });
  const selected = listed ?? (selectedId === null ? undefined : elsewhere.data);
  const shownRooms = roomsOf(rooms.data?.items ?? [], orders.data?.items ?? [], search.modality);
  const { ref: main, height } = useElementSize();
  const isList = search.view === 'list';
  // Below few rooms a large screen has room for the day's list as well.
  const hasRoomBelow = height - shownRooms.length * ROW_PX > LEAST_LIST_PX;

  return (
    <Page
      fill
      title="Schedule"
      subtitle={orders.data ? `${orders.data.total} ${orders.data.total === 1 ? 'appointment' : 'appointments'}` : 'Loading'}
      actions={
        <>
          <Filters search={search} date={date} />
          {may('equipment.manage') && (
            <>
              <Button variant="default" leftSection={<IconDoor size={15} />} onClick={() => setEditing(true)}>
                Rooms
              </Button>
              <Button variant="default" leftSection={<IconBan size={15} />} onClick={() => setBlocking(true)}>
                Block a room
              </Button>
            </>
          )}
          {may('order.create') && (
            <Button component={Link} to="/new-order" leftSection={<IconPlus size={15} />}>
              New order
            </Button>
          )}
        </>
      }
    >
      <div className={classes.columns}>
        <div className={classes.main} ref={main}>
          <Loaded query={orders}>
            {(page) => (
              <>
                {!isList && (shownRooms.length === 0 ? <Empty title="No room for this filter" /> : <Timeline date={date} orders={page.items} rooms={shownRooms} onSelect={setSelectedId} />)}
                {(isList || hasRoomBelow) && (
                  <div className={classes.listing}>
                    <OrderList orders={page.items} scope={JSON.stringify([search, date, orders.isPlaceholderData])} selectedId={selectedId} onSelect={setSelectedId} />
                  </div>
                )}
              </>
            )}
          </Loaded>
        </div>
        <aside className={classes.side} aria-label="Order">
          {selected ? <OrderPanel key={selected.id} order={selected} rooms={rooms.data?.items ?? []} onClose={() => setSelectedId(null)} /> : <WithoutSlot orders={waiting.data?.items ?? []} onSelect={setSelectedId} />}
        </aside>
      </div>
      <RoomDialog opened={isEditing} onClose={() => setEditing(false)} rooms={rooms.data?.items ?? []} />
      <BlockRoom opened={isBlocking} onClose={() => setBlocking(false)} rooms={rooms.data?.items ?? []} date={date} />
    </Page>
  );
}

function Filters({ search, date }: { search: ScheduleSearch; date: string }) {
  const navigate = useNavigate({ from: '/schedule' });
  const clock = useClock();
  const today = clock.day(new Date());
  const go = (change: { [Key in keyof ScheduleSearch]?: ScheduleSearch[Key] | undefined }) => {
    const next = { ...search, ...change };
    void navigate({ search: Object.fromEntries(Object.entries(next).filter(([, value]) => value !== undefined)) as ScheduleSearch, replace: true });
  };
  const step = (days: number) => {
    const other = new Date(Date.parse(`${date}T12:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10);
    go({ date: other === today ? undefined : other });
  };
  return (
    <>
      <Group gap={2} wrap="nowrap">
        <ActionIcon aria-label="Day before" onClick={() => step(-1)}>
          <IconChevronLeft size={16} />
        </ActionIcon>
        <DateInput aria-label="Day" size="xs" w={132} valueFormat="DD MMM YYYY" value={date} onChange={(value) => go({ date: value === today || !value ? undefined : value })} />
        <ActionIcon aria-label="Day after" onClick={() => step(1)}>
          <IconChevronRight size={16} />
        </ActionIcon>
        <Button variant="subtle" disabled={date === today} onClick={() => go({ date: undefined })}>
          Today
        </Button>
      </Group>
      <Select
        aria-label="Modality"
        w={130}
        allowDeselect={false}
        value={search.modality ?? ANY}
        onChange={(value) => go({ modality: value === ANY ? undefined : (value as ScheduleSearch['modality']) })}
        data={[{ value: ANY, label: 'All modalities' }, { value: 'USG', label: 'Ultrasound' }, { value: 'XRAY', label: 'X-ray' }, { value: 'CT', label: 'CT' }, { value: 'MRI', label: 'MRI' }]}
      />
      <Select
        aria-label="Priority"
        w={120}
        allowDeselect={false}
        value={search.priority ?? ANY}
        onChange={(value) => go({ priority: value === ANY ? undefined : (value as ScheduleSearch['priority']) })}
        data={[{ value: ANY, label: 'All priorities' }, { value: 'STAT', label: 'STAT' }, { value: 'URGENT', label: 'Urgent' }, { value: 'ROUTINE', label: 'Routine' }]}
      />
      <SegmentedControl
        aria-label="View"
        size="xs"
        value={search.view ?? 'rooms'}
        onChange={(view) => go({ view: view === 'list' ? 'list' : undefined })}
        data={[
          { value: 'rooms', label: 'By room' },
          { value: 'list', label: 'List' },
        ]}
      />
    </>
  );
}

function OrderList({ orders, scope, selectedId, onSelect }: { orders: Order[]; scope: string; selectedId: string | null; onSelect: (id: string) => void }) {
  const clock = useClock();
  const steady = useSteadyRows(orders, scope, keyOf);
  if (steady.rows.length === 0) return <Empty title="No appointments on this day" />;
  return (
    <>
      <ListHead summary="By time" {...steady} />
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
              <Standing order={order} />
            </button>
          </li>
        ))}
      </ul>
    </>
  );
}

function Standing({ order }: { order: Order }) {
  const word = standing(order);
  return word ? <Badge color={word === TO_DECIDE ? 'yellow' : 'sea'}>{word}</Badge> : <OrderStatusBadge status={order.status} />;
}

/** Orders that found no slot are never lost: they stand here until somebody gives them one. */
function WithoutSlot({ orders, onSelect }: { orders: Order[]; onSelect: (id: string) => void }) {
  const steady = useSteadyRows(orders, 'without-slot', keyOf);
  return (
    <Stack gap="xs" p="sm">
      <Title order={2}>Without a slot</Title>
      {steady.rows.length === 0 ? (
        <Text size="sm" c="var(--text-dim)">
          Every order has its appointment. Choose one in the timeline to see it here.
        </Text>
      ) : (
        <ListHead summary={`${steady.rows.length} ${steady.rows.length === 1 ? 'order' : 'orders'}`} {...steady} />
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
    </Stack>
  );
}
