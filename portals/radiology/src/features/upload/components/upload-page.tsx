import '@mantine/dropzone/styles.css';
import { Alert, Button, Checkbox, FileButton, Group, Modal, NumberInput, Paper, Progress, Select, SimpleGrid, Stack, Text, TextInput, Title } from '@mantine/core';
import { Dropzone } from '@mantine/dropzone';
import { useDebouncedValue } from '@mantine/hooks';
import { orderQuery, orderSearchQuery } from '@shared/api/orders';
import type { Order } from '@shared/api/types';
import { Page } from '@shared/shell/page';
import { PatientCell, SEX } from '@shared/shell/patient';
import { useClock } from '@shared/shell/portal-context';
import { Loaded } from '@shared/states/states';
import { Choices } from '@shared/table/choices';
import { shortModality } from '@shared/theme/modality';
import { OrderStatusBadge } from '@shared/theme/status';
import { personName } from '@shared/time/hospital-time';
import { calendarDate } from '@shared/viewer/study-listing';
import { IconAlertTriangle, IconFolder, IconUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useBlocker, useNavigate, useSearch } from '@tanstack/react-router';
import { useMemo, useRef, useState } from 'react';
import type { Row } from '../domain/rows';
import { bytesOf, comparedWith, differencesByPerson, isUnderWay, reasonOf, sentBytesOf } from '../domain/rows';
import type { Fate, Fields } from '../domain/upload-queue';
import { Files, LeftOut } from './files';
import { Pictures } from './pictures';
import classes from './upload.module.css';
import { useUpload } from './use-upload';

export function UploadPage() {
  const { order: orderId } = useSearch({ from: '/upload' });
  return (
    <Page fill title="Upload images" subtitle="DICOM files, folders and zips; pictures become DICOM on arrival">
      {orderId ? <ForOrder orderId={orderId} /> : <ChooseOrder />}
    </Page>
  );
}

function ChooseOrder() {
  const [text, setText] = useState('');
  const [patient] = useDebouncedValue(text.trim(), 300);
  return (
    <Stack gap="sm" maw={900}>
      <TextInput label="Order" placeholder="Patient, MRN, order or accession number" value={text} onChange={(event) => setText(event.currentTarget.value)} autoFocus />
      <Orders key={patient} patient={patient} />
    </Stack>
  );
}

/** Of one patient, or of today. */
function Orders({ patient }: { patient: string }) {
  const navigate = useNavigate({ from: '/upload' });
  const clock = useClock();
  const query = useQuery(orderSearchQuery({ patient, status: ['SCHEDULED', 'IN_PROGRESS', 'IMAGES_AVAILABLE'], pageSize: 30, sort: 'scheduled', ...(patient ? {} : { date: clock.today() }) }));
  return (
    <Loaded query={query}>
      {(page) => (
        <Choices query={query} page={page} nouns={['order', 'orders']} empty={<Text size="sm">No order fits.</Text>}>
          {(orders) => (
            <ul className={classes.orders}>
              {orders.map((order) => (
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
            </ul>
          )}
        </Choices>
      )}
    </Loaded>
  );
}

function ForOrder({ orderId }: { orderId: string }) {
  const query = useQuery(orderQuery(orderId));
  return <Loaded query={query} what="order">{(order) => <Upload key={order.id} order={order} />}</Loaded>;
}

function Upload({ order }: { order: Order }) {
  const navigate = useNavigate({ from: '/upload' });
  const { rows: all, countBefore, add, clear, remove, send, sendAgain, stop, isSending } = useUpload(order);
  const rows = all.filter((row) => reasonOf(row) === '');
  const [fields, setFields] = useState<Fields>({ studyDescription: order.studyType.slice(0, 64), seriesNumber: '1', sequenceName: '' });
  const [isConfirmed, setConfirmed] = useState(false);
  const choosing = useRef<HTMLDivElement>(null);
  const against = useMemo(() => comparedWith(order), [order]);
  const wrong = rows.filter((row) => row.fate === 'waiting' && against(row).length > 0);
  const waiting = rows.filter(({ fate }) => fate === 'waiting' || fate === 'failed').length;
  const pictures = rows.filter((row) => row.facts?.kind === 'picture');
  const hasPictures = pictures.length > 0;
  const isDescribed = !hasPictures || (fields.studyDescription.trim() !== '' && isSeriesNumber(fields.seriesNumber));
  const isInspected = rows.every((row) => row.facts !== null);
  // Who has checked the patient has checked those files, and none that came later.
  const take = (files: File[]) => {
    setConfirmed(false);
    add(files);
  };
  const takeOff = (gone: Row[]) => {
    remove(gone);
    if (rows.every((row) => gone.includes(row))) choosing.current?.focus();
  };
  return (
    <div className={classes.columns}>
      <Stack gap="sm" style={{ minHeight: 0 }}>
        <Dropzone ref={choosing} onDrop={take} aria-label="Choose files" disabled={isSending} p="md" multiple className={classes.drop}>
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
              <Button leftSection={<IconUpload size={15} />} disabled={waiting === 0 || !isInspected || !isDescribed || (wrong.length > 0 && !isConfirmed)} onClick={() => send(fields)}>
                Send {waiting > 0 && `${waiting} ${waiting === 1 ? 'file' : 'files'}`}
              </Button>
            )}
          </Group>
        </Group>
        {wrong.length > 0 && (
          <Alert color="red" icon={<IconAlertTriangle size={18} />} title={`${wrong.length} ${wrong.length === 1 ? 'file does' : 'files do'} not fit this order`}>
            <ul className={classes.people}>
              {differencesByPerson(wrong, against).map(({ person, differences }, index) => (
                <li key={index}>
                  <strong>{person}</strong>: {differences}
                </li>
              ))}
            </ul>
            <Text size="sm" my="xs">
              The order is for {orderFacts(order)}.
            </Text>
            <Checkbox size="xs" label="I have checked the patient; send them nevertheless" disabled={isSending} checked={isConfirmed} onChange={(event) => setConfirmed(event.currentTarget.checked)} />
            {!isSending && (
              <Button mt="xs" size="compact-sm" variant="default" onClick={() => remove(wrong)}>
                Take {wrong.length === 1 ? 'it' : 'them'} off the list
              </Button>
            )}
          </Alert>
        )}
        <StoredBefore rows={rows} count={countBefore} isSending={isSending} onSendAgain={sendAgain} />
        <Total rows={rows} />
        <div style={{ flex: 1, minHeight: 160 }}>{all.length > 0 && <Files rows={all} against={against} onTakeOff={isSending ? undefined : takeOff} />}</div>
        <LeftOut rows={all.filter((row) => reasonOf(row) !== '')} />
      </Stack>
      <Stack gap="md" className={classes.beside}>
        <Paper p="md" bg="dark.6">
          <Title order={2} mb="xs">
            Study
          </Title>
          <dl className={classes.facts}>
            <dt>Patient</dt>
            <dd>{personName(order.patient.name)}</dd>
            <dt>MRN</dt>
            <dd>{order.patient.mrn}</dd>
            <dt>Born</dt>
            <dd>{order.patient.birthDate ? calendarDate(order.patient.birthDate) : '–'}</dd>
            <dt>Sex</dt>
            <dd>{SEX[order.patient.sex]}</dd>
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
        {hasPictures && <PictureForm order={order} fields={fields} onChange={setFields} pictures={pictures} />}
      </Stack>
      <LeavingStops isSending={isSending} rows={rows} />
    </div>
  );
}

const orderFacts = ({ patient, modality, accessionNumber }: Order): string =>
  [personName(patient.name), patient.mrn, patient.birthDate && `born ${calendarDate(patient.birthDate)}`, SEX[patient.sex], shortModality(modality), accessionNumber].filter(Boolean).join(', ');

/** What this browser has sent for the order before a reload is told, and not sent twice. */
function StoredBefore({ rows, count, isSending, onSendAgain }: { rows: Row[]; count: number; isSending: boolean; onSendAgain: () => void }) {
  const again = rows.filter(({ isStoredBefore }) => isStoredBefore).length;
  if (isSending || (rows.length > 0 ? again : count) === 0) return null;
  if (rows.length === 0)
    return (
      <Text size="sm">
        {count} {count === 1 ? 'file was' : 'files were'} stored from this browser for this order. Choose the same again: only what is missing is sent.
      </Text>
    );
  return (
    <Group gap="xs">
      <Text size="sm">
        {again} {again === 1 ? 'file was' : 'files were'} stored before and {again === 1 ? 'is' : 'are'} not sent again.
      </Text>
      <Button size="compact-sm" variant="default" onClick={onSendAgain}>
        Send {again === 1 ? 'it' : 'them'} nevertheless
      </Button>
    </Group>
  );
}

/** Files are sent by this page: who leaves it between the first and the last of them is asked, also by the browser when its window closes. */
function LeavingStops({ isSending, rows }: { isSending: boolean; rows: Row[] }) {
  const left = rows.filter(isUnderWay).length;
  const hasBegun = rows.some((row) => !row.isStoredBefore && (row.fate === 'stored' || row.fate === 'failed'));
  const { status, proceed, reset } = useBlocker({ shouldBlockFn: () => true, disabled: !isSending && (left === 0 || !hasBegun), withResolver: true });
  return (
    <Modal opened={status === 'blocked'} onClose={() => reset?.()} title={isSending ? 'Leave while files are sent?' : 'Leave before all is stored?'}>
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

const isSeriesNumber = (typed: string) => Number(typed) >= 1 && Number(typed) <= 9999;

function PictureForm({ order, fields, onChange, pictures }: { order: Order; fields: Fields; onChange: (fields: Fields) => void; pictures: Row[] }) {
  return (
    <Paper p="md" bg="dark.6">
      <Title order={2} mb={2}>
        Pictures become DICOM
      </Title>
      <Text size="sm" c="var(--text-dim)" mb="xs">
        As secondary captures with the data of the order.
      </Text>
      <SimpleGrid cols={1} spacing="xs">
        <TextInput label="Study description" required maxLength={64} error={fields.studyDescription.trim() === '' && 'Say what the pictures show'} value={fields.studyDescription} onChange={(event) => onChange({ ...fields, studyDescription: event.currentTarget.value })} />
        <NumberInput label="Series number" required min={1} max={9999} clampBehavior="none" allowDecimal={false} error={!isSeriesNumber(fields.seriesNumber) && 'A number from 1 to 9999'} value={fields.seriesNumber} onChange={(value) => onChange({ ...fields, seriesNumber: String(value) })} />
        {order.modality === 'MRI' && <Select label="Sequence" clearable data={['T1', 'T2', 'FLAIR', 'DWI']} value={fields.sequenceName || null} onChange={(value) => onChange({ ...fields, sequenceName: value ?? '' })} />}
      </SimpleGrid>
      <Pictures rows={pictures} />
    </Paper>
  );
}

function Total({ rows }: { rows: Row[] }) {
  if (rows.length === 0) return null;
  const [size, sent] = [bytesOf(rows), sentBytesOf(rows)];
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
