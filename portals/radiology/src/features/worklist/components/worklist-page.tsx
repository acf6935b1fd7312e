import { ActionIcon, Badge, Button, Group, Kbd, Menu, MultiSelect, SegmentedControl, Text, Tooltip } from '@mantine/core';
import { worklistQuery } from '@shared/api/orders';
import { changedAfterSigningQuery } from '@shared/api/reports';
import type { Modality, Order, Priority } from '@shared/api/types';
import { PatientCell } from '@shared/shell/patient';
import { Page } from '@shared/shell/page';
import { useClock, useMay, usePortal } from '@shared/shell/portal-context';
import { Empty, Loaded } from '@shared/states/states';
import type { Column } from '@shared/table/data-table';
import { DataTable } from '@shared/table/data-table';
import { ListHead } from '@shared/table/list-head';
import { summaryOf } from '@shared/table/steady';
import { useSteadyRows } from '@shared/table/use-steady-rows';
import { shortModality } from '@shared/theme/modality';
import { OrderStatusBadge, PriorityBadge } from '@shared/theme/status';
import { CountdownLabel } from '@shared/time/countdown-label';
import { useCoarseNow, useNow } from '@shared/time/use-now';
import { useViewerAhead } from '@shared/viewer/ahead';
import { imageCount, isArriving, NEXT_CASE, nextCase, readerOf } from '@shared/worklist/cases';
import { IconBook2, IconChevronDown, IconPhotoExclamation, IconPlayerTrackNext, IconUserPlus } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useState } from 'react';
import type { WorklistSearch } from '../domain/worklist-search';
import { AssignDialog } from './assign-dialog';

const keyOf = (order: Order) => order.id;
const MODALITIES = [
  { value: 'CT', label: 'CT' },
  { value: 'MRI', label: 'MRI' },
  { value: 'XRAY', label: 'X-ray' },
  { value: 'USG', label: 'Ultrasound' },
];
const PRIORITIES = [
  { value: 'STAT', label: 'STAT' },
  { value: 'URGENT', label: 'Urgent' },
  { value: 'ROUTINE', label: 'Routine' },
];

export function WorklistPage() {
  const search = useSearch({ from: '/worklist' });
  const { owner, ...filter } = search;
  const query = useQuery(
    worklistQuery({ ...filter, ...(owner === 'me' || owner === 'nobody' ? { assignedTo: owner } : {}), ...(owner === 'free' ? { unclaimed: true } : {}) }),
  );
  useViewerAhead(query.isSuccess, '/read/$orderId');
  return (
    <Page fill title="Worklist" subtitle="Ready for read, least time left first; what still arrives comes last" actions={<Filters search={search} />}>
      <Loaded query={query}>{(page) => <List orders={page.items} total={page.total} scope={JSON.stringify(search)} isFiltered={Object.keys(search).length > 0} />}</Loaded>
    </Page>
  );
}

function Filters({ search }: { search: WorklistSearch }) {
  const navigate = useNavigate({ from: '/worklist' });
  const change = (part: { modality?: Modality[]; priority?: Priority[]; owner?: WorklistSearch['owner'] | 'all' }) => {
    const { owner, modality, priority } = { ...search, ...part };
    void navigate({
      search: {
        ...(modality?.length ? { modality } : {}),
        ...(priority?.length ? { priority } : {}),
        ...(owner && owner !== 'all' ? { owner } : {}),
      },
      replace: true,
    });
  };
  return (
    <>
      <MultiSelect aria-label="Modality" placeholder={search.modality ? '' : 'All modalities'} size="xs" w={190} data={MODALITIES} value={search.modality ?? []} onChange={(value) => change({ modality: value as Modality[] })} clearable clearButtonProps={{ 'aria-label': 'All modalities' }} />
      <MultiSelect aria-label="Priority" placeholder={search.priority ? '' : 'All priorities'} size="xs" w={180} data={PRIORITIES} value={search.priority ?? []} onChange={(value) => change({ priority: value as Priority[] })} clearable clearButtonProps={{ 'aria-label': 'All priorities' }} />
      <SegmentedControl
        aria-label="Whose cases"
        size="xs"
        value={search.owner ?? 'all'}
        onChange={(owner) => change({ owner: owner as WorklistSearch['owner'] | 'all' })}
        data={[
          { value: 'all', label: 'All' },
          { value: 'me', label: 'Mine' },
          { value: 'nobody', label: 'Unassigned' },
          { value: 'free', label: 'Not being read' },
        ]}
      />
    </>
  );
}

function List({ orders, total, scope, isFiltered }: { orders: Order[]; total: number; scope: string; isFiltered: boolean }) {
  const navigate = useNavigate();
  const { me } = usePortal();
  const may = useMay();
  const steady = useSteadyRows(orders, scope, keyOf, total > orders.length);
  const [assigned, setAssigned] = useState<Order | null>(null);
  const columns = useColumns(setAssigned);
  const now = useCoarseNow();
  const open = (order: Order) => void navigate({ to: '/read/$orderId', params: { orderId: order.id } });
  const next = nextCase(steady.rows, me.id, now);

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.target as HTMLElement).closest('input, textarea, [role=dialog], [role=listbox]') || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key.toLowerCase() === 'n' && next) open(next);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });

  return (
    <div style={{ display: 'flex', flexDirection: 'column', height: '100%' }}>
      <ListHead summary={summaryOf({ shown: steady.rows.length, listed: orders.length, total }, ['case', 'cases'])} {...steady}>
        <Group gap="xs" wrap="nowrap">
          {may('report.sign') && <ChangedAfterSigning />}
          {may('order.claim') && (
            <Button title={NEXT_CASE} leftSection={<IconPlayerTrackNext size={16} />} rightSection={<Kbd size="xs">N</Kbd>} disabled={!next} onClick={() => next && open(next)}>
              Read next case
            </Button>
          )}
        </Group>
      </ListHead>
      <div style={{ flex: 1, minHeight: 0 }}>
        <DataTable
          label="Cases ready for read"
          rows={steady.rows}
          columns={columns}
          rowKey={keyOf}
          onOpen={open}
          isEmphasized={(order) => order.priority === 'STAT'}
          isFaded={(order) => order.status === 'FINAL_REPORT' || order.status === 'CANCELLED' || steady.gone.includes(order)}
          empty={isFiltered ? <Empty title="No case fits these filters" /> : <Empty title="Nothing to read">All that is ready has been reported.</Empty>}
        />
      </div>
      <AssignDialog order={assigned} onClose={() => setAssigned(null)} />
    </div>
  );
}

const REMINDED_DAYS = 30;

/** A signed report leaves the worklist; when its images change after that, who signed it must hear of it. */
function ChangedAfterSigning() {
  const clock = useClock();
  const since = clock.day(new Date(useCoarseNow() - REMINDED_DAYS * 86_400_000));
  const { data } = useQuery(changedAfterSigningQuery(since));
  if (!data || data.total === 0) return null;
  return (
    <Menu position="bottom-end" width={320}>
      <Menu.Target>
        <Button variant="light" color="yellow" leftSection={<IconPhotoExclamation size={16} />} rightSection={<IconChevronDown size={12} />}>
          {data.total === 1 ? 'Images changed after you signed' : `Images of ${data.total} cases changed after you signed`}
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={360} style={{ overflow: 'auto' }}>
        {data.items.map((report) => (
          <Menu.Item key={report.id} component={Link} to={`/read/${report.orderId}`}>
            <PatientCell patient={report.patient} />
            <Text size="xs" c="var(--text-dim)">
              {report.studyType}, signed {report.signedAt && clock.dateTime(report.signedAt)}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function useColumns(onAssign: (order: Order) => void): Array<Column<Order>> {
  const clock = useClock();
  const may = useMay();
  return useMemo(
    () => [
      { id: 'due', header: 'Time left', width: '118px', cell: (order) => <TimeLeft order={order} /> },
      { id: 'priority', header: 'Priority', width: '84px', cell: (order) => <PriorityBadge priority={order.priority} /> },
      { id: 'patient', header: 'Patient', width: 'minmax(224px, 1.4fr)', cell: (order) => <PatientCell patient={order.patient} /> },
      { id: 'modality', header: 'Mod.', width: '52px', cell: (order) => shortModality(order.modality) },
      { id: 'study', header: 'Exam', width: 'minmax(180px, 1.2fr)', cell: (order) => <Exam order={order} /> },
      { id: 'indication', header: 'Indication', width: 'minmax(160px, 1.5fr)', secondary: true, cell: (order) => <span title={order.clinicalIndication}>{order.clinicalIndication}</span> },
      { id: 'images', header: 'Images', width: '84px', cell: (order) => <span className="tabular">{imageCount(order)}</span> },
      { id: 'ready', header: 'Ready', width: '92px', secondary: true, cell: (order) => (order.readyForReadAt ? clock.near(order.readyForReadAt) : '') },
      { id: 'owner', header: 'Reader', width: '138px', cell: (order) => <Owner order={order} /> },
      ...(may('order.assign') ? [{ id: 'assign', header: 'Assign', width: '44px', cell: (order: Order) => <AssignButton order={order} onAssign={onAssign} /> }] : []),
    ],
    [clock, may, onAssign],
  );
}

function TimeLeft({ order }: { order: Order }) {
  if (order.dueAt && order.readyForReadAt) return <CountdownLabel startedAt={order.readyForReadAt} dueAt={order.dueAt} />;
  if (!isArriving(order)) return '–';
  return (
    <Tooltip label="More images may come: the exam goes on, or the last one came a moment ago">
      <Text size="xs" c="var(--text-dim)">
        Arriving
      </Text>
    </Tooltip>
  );
}

function AssignButton({ order, onAssign }: { order: Order; onAssign: (order: Order) => void }) {
  return (
    <Tooltip label="Assign">
      <ActionIcon size="sm" aria-label={`Assign ${order.orderNumber}`} onClick={() => onAssign(order)}>
        <IconUserPlus size={15} />
      </ActionIcon>
    </Tooltip>
  );
}

/** What is to be read, and how far it is when it no longer just waits; below it where both do not fit, within the height of a row. */
function Exam({ order }: { order: Order }) {
  return (
    <Group gap="0 8px">
      <Text span size="sm" lh={1.2} truncate title={order.studyType}>
        {order.studyType}
      </Text>
      {order.status !== 'IMAGES_AVAILABLE' && (
        <span style={{ display: 'flex' }}>
          <OrderStatusBadge order={order} />
        </span>
      )}
    </Group>
  );
}

function Owner({ order }: { order: Order }) {
  const { me } = usePortal();
  const now = useNow();
  const reader = readerOf(order, me.id, now);
  const isMine = order.claim?.radiologistId === me.id && Date.parse(order.claim.expiresAt) > now;
  if (reader || isMine) {
    return (
      <Badge color={isMine ? 'sea' : 'yellow'} leftSection={<IconBook2 size={12} />}>
        {isMine ? 'You are reading' : reader}
      </Badge>
    );
  }
  return order.assignedRadiologistName ? <Text size="sm">{order.assignedRadiologistName}</Text> : <Text size="sm" c="var(--text-dim)">–</Text>;
}
