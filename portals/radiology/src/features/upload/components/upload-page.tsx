import '@mantine/dropzone/styles.css';
import { Alert, Button, Checkbox, FileButton, Group, Modal, NumberInput, Paper, Progress, Select, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { Dropzone } from '@mantine/dropzone';
import { useDebouncedValue } from '@mantine/hooks';
import { orderQuery, orderSearchQuery } from '@shared/api/orders';
import type { Order } from '@shared/api/types';
import { Page } from '@shared/shell/page';
import { PatientCell } from '@shared/shell/patient';
import { useClock } from '@shared/shell/portal-context';
import { Loaded } from '@shared/states/states';
import type { Column } from '@shared/table/data-table';
import { DataTable } from '@shared/table/data-table';
import { OrderStatusBadge } from '@shared/theme/status';
import { personName } from '@shared/time/hospital-time';
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconClock, IconFolder, IconUpload } from '@tabler/icons-react';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { useBlocker, useNavigate, useSearch } from '@tanstack/react-router';
import { useEffect, useMemo, useRef, useState } from 'react';
import type { FileFacts, Header } from '../domain/inspect';
import { inspect, lookedInto, mismatch, patientsIn } from '../domain/inspect';
import type { Fate, Fields, QueuedFile } from '../domain/upload-queue';
import { UploadQueue } from '../domain/upload-queue';
import classes from './upload.module.css';

type Row = QueuedFile<FileFacts>;

export function UploadPage() {
  const { order: orderId } = useSearch({ from: '/upload' });
  return (
    <Page fill title="Upload images" subtitle="DICOM files, folders and zips; pictures become DICOM on arrival">
      {orderId ? <ForOrder orderId={orderId} /> : <ChooseOrder />}
    </Page>
  );
}

function ChooseOrder() {
  const navigate = useNavigate({ from: '/upload' });
  const clock = useClock();
  const [text, setText] = useState('');
  const [patient] = useDebouncedValue(text.trim(), 300);
  const query = useQuery(orderSearchQuery({ patient, status: ['SCHEDULED', 'IN_PROGRESS', 'IMAGES_AVAILABLE'], pageSize: 30, sort: 'scheduled', ...(patient ? {} : { date: clock.today() }) }));
  return (
    <Stack gap="sm" maw={900}>
      <TextInput label="Order" placeholder="Patient, MRN, order or accession number" value={text} onChange={(event) => setText(event.currentTarget.value)} autoFocus />
      <Loaded query={query}>
        {(page) => (
          <ul className={classes.orders}>
            {page.items.map((order) => (
              <li key={order.id}>
                <button type="button" className={classes.order} onClick={() => void navigate({ search: { order: order.id } })}>
                  <span className="tabular">{order.scheduledTime?.slice(0, 5) ?? '–'}</span>
                  <span>
                    <PatientCell patient={order.patient} />
                  </span>
                  <span>{order.studyType}</span>
                  <OrderStatusBadge order={order} />
                </button>
              </li>
            ))}
            {page.items.length === 0 && <Text size="sm">No order fits.</Text>}
          </ul>
        )}
      </Loaded>
    </Stack>
  );
}

function ForOrder({ orderId }: { orderId: string }) {
  const query = useQuery(orderQuery(orderId));
  return <Loaded query={query} what="order">{(order) => <Upload order={order} />}</Loaded>;
}

function Upload({ order }: { order: Order }) {
  const navigate = useNavigate({ from: '/upload' });
  const { rows: all, add, clear, remove, send, stop, isSending } = useUpload(order);
  const leftOut = all.filter(isLeftOut);
  const rows = all.filter((row) => !isLeftOut(row));
  const [fields, setFields] = useState<Fields>({ studyDescription: order.studyType.slice(0, 64), seriesNumber: '1', sequenceName: '' });
  const [isConfirmed, setConfirmed] = useState(false);
  const wrong = rows.filter((row) => row.facts && mismatch(row.facts, order).length > 0 && row.fate === 'waiting');
  const waiting = rows.filter(({ fate }) => fate === 'waiting' || fate === 'failed').length;
  const hasPictures = rows.some((row) => row.facts?.kind === 'picture');
  const isInspected = rows.every((row) => row.facts !== null);
  // Who has checked the patient has checked those files, and none that came later.
  const take = (files: File[]) => {
    setConfirmed(false);
    add(files);
  };
  return (
    <div className={classes.columns}>
      <Stack gap="sm" style={{ minHeight: 0 }}>
        <Dropzone onDrop={take} aria-label="Choose files" disabled={isSending} p="md" multiple className={classes.drop}>
          <Group justify="center" gap="md" mih={64} style={{ pointerEvents: 'none' }}>
            <IconUpload size={30} stroke={1.4} color="var(--info)" />
            <div>
              <Text size="md">Drop files, folders or zips here, or click to choose</Text>
              <Text size="sm" c="var(--text-dim)">
                .dcm, .zip, .jpg, .png; DICOM preferred
              </Text>
            </div>
          </Group>
        </Dropzone>
        <Group justify="space-between">
          <FolderButton onFiles={take} disabled={isSending} />
          <Group gap="xs">
            {all.length > 0 && !isSending && (
              <Button variant="default" onClick={clear}>
                Clear the list
              </Button>
            )}
            {isSending ? (
              // It stands where “Send” stood: the second click of a double click is none here.
              <Button variant="default" onClick={(event) => event.detail < 2 && stop()}>
                Pause
              </Button>
            ) : (
              <Button leftSection={<IconUpload size={15} />} disabled={waiting === 0 || !isInspected || (wrong.length > 0 && !isConfirmed)} onClick={() => send(fields)}>
                Send {waiting} {waiting === 1 ? 'file' : 'files'}
              </Button>
            )}
          </Group>
        </Group>
        {wrong.length > 0 && (
          <Alert color="red" icon={<IconAlertTriangle size={18} />} title={`${wrong.length} ${wrong.length === 1 ? 'file does' : 'files do'} not fit this order`}>
            <Checkbox size="xs" label="I have checked the patient; send them nevertheless" checked={isConfirmed} onChange={(event) => setConfirmed(event.currentTarget.checked)} />
            {!isSending && (
              <Button mt="xs" size="compact-sm" variant="default" onClick={() => remove(wrong)}>
                Take {wrong.length === 1 ? 'it' : 'them'} off the list
              </Button>
            )}
          </Alert>
        )}
        <Total rows={rows} />
        <div style={{ flex: 1, minHeight: 160 }}>{rows.length > 0 && <Files rows={rows} order={order} />}</div>
        <LeftOut rows={leftOut} />
      </Stack>
      <Stack gap="md">
        <Paper p="md" bg="dark.6">
          <Title order={2} mb="xs">
            Study
          </Title>
          <dl className={classes.facts}>
            <dt>Patient</dt>
            <dd>{personName(order.patient.name)}</dd>
            <dt>MRN</dt>
            <dd>{order.patient.mrn}</dd>
            <dt>Exam</dt>
            <dd>{order.studyType}</dd>
            <dt>Body part</dt>
            <dd>{order.bodyPart}</dd>
            <dt>Indication</dt>
            <dd>{order.clinicalIndication}</dd>
            <dt>Accession</dt>
            <dd>{order.accessionNumber}</dd>
            <dt>Arrived</dt>
            <dd className="tabular">
              {order.receivedInstances} {order.receivedInstances === 1 ? 'image' : 'images'}
            </dd>
          </dl>
          <Button mt="sm" variant="default" onClick={() => void navigate({ search: {} })}>
            Other order
          </Button>
        </Paper>
        {hasPictures && <PictureForm order={order} fields={fields} onChange={setFields} />}
      </Stack>
      <LeavingStops isSending={isSending} left={rows.filter(({ fate }) => UNDER_WAY.includes(fate)).length} />
    </div>
  );
}

const UNDER_WAY: readonly Fate[] = ['waiting', 'sending', 'retrying'];

/** Files are sent by this page: who leaves it while some are on their way is asked, also by the browser when its window closes. */
function LeavingStops({ isSending, left }: { isSending: boolean; left: number }) {
  const { status, proceed, reset } = useBlocker({ shouldBlockFn: () => true, disabled: !isSending, withResolver: true });
  return (
    <Modal opened={status === 'blocked'} onClose={() => reset?.()} title="Leave while files are sent?">
      <Text size="sm">{left === 0 ? 'All files are through.' : `${left} ${left === 1 ? 'file is' : 'files are'} not stored yet, and will not be when you leave. What is stored stays.`}</Text>
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={proceed}>
          Leave
        </Button>
        <Button onClick={reset} data-autofocus>
          Stay
        </Button>
      </Group>
    </Modal>
  );
}

/** The picker of folders has no property in React's types. */
function FolderButton({ onFiles, disabled }: { onFiles: (files: File[]) => void; disabled: boolean }) {
  return (
    <FileButton multiple onChange={onFiles} disabled={disabled} inputProps={{ webkitdirectory: '', 'aria-label': 'Folder' } as object}>
      {(props) => (
        <Button {...props} variant="default" leftSection={<IconFolder size={15} />}>
          Choose a folder
        </Button>
      )}
    </FileButton>
  );
}

function PictureForm({ order, fields, onChange }: { order: Order; fields: Fields; onChange: (fields: Fields) => void }) {
  return (
    <Paper p="md" bg="dark.6">
      <Title order={2} mb={2}>
        Pictures become DICOM
      </Title>
      <Text size="sm" c="var(--text-dim)" mb="xs">
        As secondary captures with the data of the order.
      </Text>
      <SimpleGrid cols={1} spacing="xs">
        <TextInput label="Study description" required maxLength={64} value={fields.studyDescription} onChange={(event) => onChange({ ...fields, studyDescription: event.currentTarget.value })} />
        <NumberInput label="Series number" required min={1} max={9999} clampBehavior="strict" allowDecimal={false} value={fields.seriesNumber} onChange={(value) => onChange({ ...fields, seriesNumber: String(value) })} />
        {order.modality === 'MRI' && <Select label="Sequence" clearable data={['T1', 'T2', 'FLAIR', 'DWI']} value={fields.sequenceName || null} onChange={(value) => onChange({ ...fields, sequenceName: value ?? '' })} />}
      </SimpleGrid>
    </Paper>
  );
}

const isUnreadable = (row: Row) => row.facts?.kind === 'unreadable';
const isLeftOut = (row: Row) => row.facts?.kind === 'other' || isUnreadable(row);

/** Folders hold more than images: it is said what is not sent, and it counts as nothing. */
function LeftOut({ rows }: { rows: Row[] }) {
  if (rows.length === 0) return null;
  return (
    <Paper p="xs" bg="dark.6" component="section" aria-label="Left out">
      <Text size="sm">
        {rows.length} {rows.length === 1 ? 'file' : 'files'} left out: not a DICOM file, picture or zip{rows.some(isUnreadable) && ', or the browser cannot read it'}
      </Text>
      <ul className={classes.leftOut} tabIndex={0} aria-label="Files that are left out">
        {rows.map((row) => (
          <li key={row.id}>
            {row.path}
            {isUnreadable(row) && ': cannot be read, moved since or without a right to it'}
          </li>
        ))}
      </ul>
    </Paper>
  );
}

function useUpload(order: Order) {
  const queries = useQueryClient();
  const [rows, setRows] = useState<Row[]>([]);
  const [isSending, setSending] = useState(false);
  const queue = useRef<UploadQueue | null>(null);
  const change = (id: string, part: Partial<Row>) => setRows((now) => now.map((row) => (row.id === id ? { ...row, ...part } : row)));

  const add = (files: File[]) => {
    const fresh = files.map<Row>((file) => ({ id: crypto.randomUUID(), file, path: file.webkitRelativePath || file.name, facts: null, fate: 'waiting', sent: 0, message: '' }));
    setRows((now) => [...now, ...fresh]);
    void inspectAll(fresh, (found) => setRows((now) => now.map((row) => (found.has(row.id) ? { ...row, facts: found.get(row.id) ?? row.facts } : row))));
  };

  const send = (fields: Fields) => {
    const running = new UploadQueue((id, part) => change(id, part as Partial<Row>));
    queue.current = running;
    setSending(true);
    void running.run(rows.filter((row) => !isLeftOut(row)), `/api/radiology/orders/${order.id}/images`, fields).finally(() => {
      setSending(false);
      void queries.invalidateQueries({ queryKey: ['orders'] });
    });
  };

  useEffect(() => () => queue.current?.stop(), []);
  return { rows, add, send, isSending, clear: () => setRows([]), remove: (gone: Row[]) => setRows((now) => now.filter((row) => !gone.some(({ id }) => id === row.id))), stop: () => queue.current?.stop() };
}

/** In portions, so that the page stays alive while a thousand headers are read. */
async function inspectAll(rows: Row[], found: (facts: Map<string, FileFacts>) => void): Promise<void> {
  for (let start = 0; start < rows.length; start += 40) {
    const portion = rows.slice(start, start + 40);
    const facts = await Promise.all(portion.map(async (row) => [row.id, await inspect(row.file)] as const));
    found(new Map(facts));
  }
}

function Total({ rows }: { rows: Row[] }) {
  if (rows.length === 0) return null;
  const size = rows.reduce((sum, row) => sum + row.file.size, 0);
  const sent = rows.reduce((sum, row) => sum + Math.min(row.sent, row.file.size), 0);
  const count = (fate: Fate) => rows.filter((row) => row.fate === fate).length;
  const refused = count('refused') + count('failed');
  return (
    <div>
      <Progress value={size === 0 ? 0 : (sent / size) * 100} size="sm" aria-label="Sent" />
      <Text size="sm" mt={4} role="status" className="tabular">
        {count('stored')} of {rows.length} stored
        {refused > 0 ? ` · ${refused} not stored` : ''}
        {count('skipped') > 0 ? ` · ${count('skipped')} skipped` : ''} · {(size / 1024 / 1024).toFixed(1)} MB
      </Text>
    </div>
  );
}

const FATES: Record<Fate, { word: string; color: string; icon: typeof IconClock }> = {
  waiting: { word: 'Ready', color: 'var(--text-dim)', icon: IconClock },
  sending: { word: 'Sending', color: 'var(--info)', icon: IconUpload },
  retrying: { word: 'Trying again', color: 'var(--warning)', icon: IconClock },
  stored: { word: 'Stored', color: 'var(--good)', icon: IconCircleCheck },
  skipped: { word: 'Skipped', color: 'var(--text-dim)', icon: IconCircleCheck },
  refused: { word: 'Refused', color: 'var(--critical)', icon: IconCircleX },
  failed: { word: 'Not sent', color: 'var(--critical)', icon: IconCircleX },
};

function Files({ rows, order }: { rows: Row[]; order: Order }) {
  const columns = useMemo<Array<Column<Row>>>(
    () => [
      { id: 'fate', header: 'State', width: '116px', cell: (row) => <FateCell row={row} /> },
      { id: 'name', header: 'File', width: 'minmax(150px, 1.4fr)', cell: (row) => row.path },
      { id: 'patient', header: 'Patient in the file', width: 'minmax(150px, 1fr)', cell: (row) => row.facts && patientsIn(row.facts).map(patientOf).join('; ') },
      { id: 'what', header: 'Content', width: 'minmax(130px, 1fr)', secondary: true, cell: (row) => row.facts && contentOf(row.facts) },
      { id: 'note', header: 'Note', width: 'minmax(160px, 1.2fr)', cell: (row) => <Note row={row} order={order} /> },
      { id: 'size', header: 'Size', width: '70px', cell: (row) => `${Math.max(1, Math.round(row.file.size / 1024))} KB` },
    ],
    [order],
  );
  return <DataTable label="Files" rows={rows} columns={columns} rowKey={(row) => row.id} rowHeight={30} wraps />;
}

const patientOf = ({ patientName, patientId }: Header) => [patientName && personName(patientName), patientId].filter(Boolean).join(' · ');

function contentOf({ kind, headers }: FileFacts): string {
  if (kind === 'zip') return [...new Set(headers.map(({ modality }) => modality))].filter(Boolean).join(', ');
  return headers.flatMap(({ modality, seriesDescription, instanceNumber }) => [modality, seriesDescription, instanceNumber && `image ${instanceNumber}`].filter(Boolean)).join(' · ');
}

function FateCell({ row }: { row: Row }) {
  const { word, color, icon: Icon } = FATES[row.fate];
  return (
    <Group gap={5} c={color} wrap="nowrap">
      <Icon size={14} />
      <span>
        {word}
        {row.fate === 'sending' && row.file.size > 0 ? ` ${Math.round((Math.min(row.sent, row.file.size) / row.file.size) * 100)} %` : ''}
      </span>
    </Group>
  );
}

function Note({ row, order }: { row: Row; order: Order }) {
  const wrong = row.facts && row.fate === 'waiting' ? mismatch(row.facts, order) : [];
  if (wrong.length === 0) return row.message || (row.facts && lookedInto(row.facts)) || null;
  return (
    <Group gap={4} c="var(--critical)" wrap="nowrap" align="flex-start">
      <IconAlertTriangle size={13} style={{ flex: 'none', marginTop: 2 }} />
      <span>{wrong.join(', ')}</span>
    </Group>
  );
}
