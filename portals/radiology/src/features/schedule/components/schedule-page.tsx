import { ActionIcon, Button, Group, SegmentedControl, Select } from '@mantine/core';
import { DateInput } from '@mantine/dates';
import { useElementSize } from '@mantine/hooks';
import { equipmentQuery } from '@shared/api/equipment';
import { scheduleQuery, withoutSlotQuery } from '@shared/api/orders';
import { Page } from '@shared/shell/page';
import { useClock, useMay } from '@shared/shell/portal-context';
import { Empty, Loaded } from '@shared/states/states';
import { IconBan, IconChevronLeft, IconChevronRight, IconDoor, IconPlus } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useState } from 'react';
import type { ScheduleSearch } from '../domain/schedule';
import { roomsOf } from '../domain/schedule';
import { BlockRoom } from './block-room';
import { OrderPanel } from './order-panel';
import { daySummary, OrderList, WithoutSlot } from './order-lists';
import { RoomDialog } from './room-form';
import classes from './schedule.module.css';
import { ROW_PX, Timeline } from './timeline';
import { useSelected } from './use-selected';

const ANY = 'ANY';
const LEAST_LIST_PX = 400;

export function SchedulePage() {
  const search = useSearch({ from: '/schedule' });
  const { order: selectedId = null, ...filter } = search;
  const navigate = useNavigate({ from: '/schedule' });
  const select = (id: string | null) => void navigate({ search: { ...filter, ...(id ? { order: id } : {}) }, replace: true });
  const clock = useClock();
  const may = useMay();
  const date = search.date ?? clock.today();
  const orders = useQuery({
    ...scheduleQuery({ date, ...(search.modality ? { modality: [search.modality] } : {}), ...(search.priority ? { priority: [search.priority] } : {}) }),
    placeholderData: keepPreviousData,
  });
  const rooms = useQuery(equipmentQuery);
  const [isBlocking, setBlocking] = useState(false);
  const [isEditing, setEditing] = useState(false);
  const waiting = useQuery(withoutSlotQuery);
  const selected = useSelected(selectedId, [...(orders.data?.items ?? []), ...(waiting.data?.items ?? [])]);
  const shownRooms = roomsOf(rooms.data?.items ?? [], orders.data?.items ?? [], search.modality);
  const { ref: main, height } = useElementSize();
  const isList = search.view === 'list';
  // Below few rooms a large screen has room for the day's list as well.
  const hasRoomBelow = height - shownRooms.length * ROW_PX > LEAST_LIST_PX;

  return (
    <Page
      fill
      title="Schedule"
      subtitle={orders.data ? daySummary(orders.data) : orders.isPending && 'Loading'}
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
                {!isList && (shownRooms.length === 0 ? <Empty title="No room for this filter" /> : <Timeline date={date} orders={page.items} rooms={shownRooms} onSelect={select} />)}
                {(isList || hasRoomBelow) && (
                  <div className={classes.listing}>
                    <OrderList page={page} scope={JSON.stringify([filter, date, orders.isPlaceholderData])} selectedId={selectedId} onSelect={select} />
                  </div>
                )}
              </>
            )}
          </Loaded>
        </div>
        <aside className={classes.side} aria-label="Order">
          {selected ? <OrderPanel key={selected.id} order={selected} rooms={rooms.data?.items ?? []} onClose={() => select(null)} /> : <WithoutSlot query={waiting} onSelect={select} />}
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
  const today = clock.today();
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
        <DateInput aria-label="Day" size="xs" w={132} valueFormat="D MMM YYYY" value={date} onChange={(value) => go({ date: value === today || !value ? undefined : value })} />
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
