import type { ModalProps } from '@mantine/core';
import { ActionIcon, Button, Checkbox, Group, Modal, NumberInput, Select, Stack, Text, TextInput, Title } from '@mantine/core';
import { DateTimePicker } from '@mantine/dates';
import { cancel, checkInPatient, complete, reschedule, start } from '@shared/api/orders';
import type { Equipment, Order } from '@shared/api/types';
import { refused, told } from '@shared/feedback/toasts';
import { takeLostFocus } from '@shared/focus/take-lost-focus';
import { statedWords } from '@shared/order-entry/stated-safety';
import { screeningDetails } from '@shared/order-form/screening-details';
import { PatientLine, patientLine } from '@shared/shell/patient';
import { useClock, useMay } from '@shared/shell/portal-context';
import { ExamStatusBadge, PriorityBadge } from '@shared/theme/status';
import { calendarDate } from '@shared/viewer/study-listing';
import { IconCircle, IconCircleCheckFilled, IconUpload, IconX } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import type { ExamStep, StepState } from '../domain/schedule';
import { appointmentWords, examSteps, examWords, isOver, screeningVerdict } from '../domain/schedule';
import { OtherDay } from './other-day';
import classes from './schedule.module.css';
import { Screening } from './screening-form';

type Dialog = ExamStep | 'reschedule' | 'cancel';

const RIGHTS: Record<ExamStep, string> = { 'check-in': 'order.check_in', screening: 'order.screen', start: 'order.start', complete: 'order.complete' };
const VERBS: Record<ExamStep, string> = { 'check-in': 'Check in', screening: 'Screen', start: 'Start', complete: 'Complete' };

export function OrderPanel({ order, rooms, onClose }: { order: Order; rooms: Equipment[]; onClose: () => void }) {
  const clock = useClock();
  const may = useMay();
  const [dialog, setDialog] = useState<Dialog | null>(null);
  const mayDecide = may('order.override_screening');
  const act = useOrderAct(() => setDialog(null));
  const { panel, goOn } = useNextStep(examSteps(order), act.isPending);
  const { appointment } = order;
  const open = (step: ExamStep) => (step === 'start' ? act.mutate({ run: () => start(order), done: 'Exam started' }) : setDialog(step));
  return (
    <Stack gap="sm" p="sm" ref={panel}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Title order={2}>
            <PatientLine patient={order.patient} />
          </Title>
          <Text size="sm" c="var(--text-dim)">
            {order.patient.birthDate ? `Born ${calendarDate(order.patient.birthDate)} · ` : ''}
            {order.orderNumber}
          </Text>
        </div>
        <ActionIcon aria-label="Close the order" onClick={onClose}>
          <IconX size={16} />
        </ActionIcon>
      </Group>
      <Group gap="xs">
        <PriorityBadge priority={order.priority} />
        <ExamStatusBadge order={order} />
      </Group>
      <Text size="sm">
        {examWords(order)}
        {order.contrastRequired ? ` · contrast: ${(order.contrastType ?? 'yes').toLowerCase()}` : ''}
      </Text>
      <Text size="sm">{appointmentWords(order, clock.dateTime, clock)}</Text>
      {order.checkedInAt && !order.startedAt && !isOver(order) && <OtherDay order={order} />}
      <div>
        <Text size="xs" c="var(--text-dim)">
          Indication
        </Text>
        <Text size="sm">{order.clinicalIndication}</Text>
        {order.clinicalHistory && <Text size="sm">{order.clinicalHistory}</Text>}
        {statedWords(order).map((line) => (
          <Text key={line} size="sm" style={{ whiteSpace: 'pre-wrap' }}>
            {line}
          </Text>
        ))}
        {order.specialInstructions && (
          <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>
            {order.specialInstructions}
          </Text>
        )}
      </div>
      {order.status === 'CANCELLED' && (
        <div>
          <Text size="xs" c="var(--text-dim)">
            Cancelled {order.cancelledAt && clock.dateTime(order.cancelledAt)}
          </Text>
          <Text size="sm">{order.cancelReason}</Text>
        </div>
      )}
      {order.screening && order.screening.concerns.length > 0 && (
        <Text size="sm" c="var(--warning)">
          Screening: {screeningVerdict(order.screening)}
        </Text>
      )}
      {screeningDetails(order).map((detail) => (
        <Text key={detail} size="sm" style={{ whiteSpace: 'pre-wrap' }}>
          {detail}
        </Text>
      ))}
      {order.status !== 'CANCELLED' && (
        <ul className={classes.steps}>
          {examSteps(order).map(({ step, label, isDone, waitsFor }) => (
            <li key={step} className={classes.step}>
              {isDone ? <IconCircleCheckFilled size={18} color="var(--good)" aria-label="Done" /> : <IconCircle size={18} color="var(--text-dim)" aria-label="Open" />}
              <Text size="sm">{label}</Text>
              {!isDone && may(RIGHTS[step]) && (
                <Button size="compact-xs" variant={waitsFor ? 'default' : 'filled'} disabled={waitsFor !== ''} title={waitsFor} loading={step === 'start' && act.isPending} onClick={() => open(step)}>
                  {step === 'screening' && mayDecide && order.screening ? 'Decide' : VERBS[step]}
                </Button>
              )}
            </li>
          ))}
        </ul>
      )}
      {may('images.upload') && order.startedAt && (
        <Button component={Link} to={`/upload?order=${order.id}`} variant="default" leftSection={<IconUpload size={15} />}>
          Upload images
        </Button>
      )}
      {!isOver(order) && (
        <Group gap="xs">
          {may('order.reschedule') && order.status === 'SCHEDULED' && (
            <Button variant="default" onClick={() => setDialog('reschedule')}>
              {appointment ? 'Reschedule' : 'Find a slot'}
            </Button>
          )}
          {may('order.cancel') && (
            <Button variant="default" onClick={() => setDialog('cancel')}>
              Cancel the exam
            </Button>
          )}
        </Group>
      )}
      <Modal opened={dialog === 'check-in'} onClose={() => setDialog(null)} onExitTransitionEnd={goOn} title="Is this the patient?">
        <CheckIn order={order} onConfirm={() => act.mutate({ run: () => checkInPatient(order), done: 'Checked in' })} isPending={act.isPending} />
      </Modal>
      <ExamDialog order={order} opened={dialog === 'screening'} onClose={() => setDialog(null)} onExitTransitionEnd={goOn} title="Safety screening" size="lg">
        <Screening order={order} mayDecide={mayDecide} onDone={() => setDialog(null)} />
      </ExamDialog>
      <ExamDialog order={order} opened={dialog === 'complete'} onClose={() => setDialog(null)} onExitTransitionEnd={goOn} title="All images are made">
        <Complete order={order} onConfirm={(expected) => act.mutate({ run: () => complete(order, expected), done: 'Exam complete' })} isPending={act.isPending} />
      </ExamDialog>
      <ExamDialog order={order} opened={dialog === 'reschedule'} onClose={() => setDialog(null)} title={appointment ? 'Reschedule' : 'Find a slot'}>
        <Reschedule order={order} rooms={rooms} onDone={() => setDialog(null)} />
      </ExamDialog>
      <ExamDialog order={order} opened={dialog === 'cancel'} onClose={() => setDialog(null)} title="Cancel the exam">
        <Cancel onConfirm={(reason) => act.mutate({ run: () => cancel(order, reason), done: 'Cancelled' })} isPending={act.isPending} />
      </ExamDialog>
    </Stack>
  );
}

/** The button of a step that is done is gone, and the focus with it: it goes on to the next one that may be done, or stays in the panel. */
function useNextStep(all: StepState[], isActing: boolean) {
  const panel = useRef<HTMLDivElement>(null);
  const done = all.filter(({ isDone }) => isDone).length;
  const goOn = useCallback(() => {
    const find = (selector: string) => panel.current?.querySelector<HTMLElement>(selector);
    takeLostFocus(find('li button:enabled') ?? find('button:enabled'));
  }, []);
  useEffect(() => {
    if (!isActing) goOn();
  }, [done, isActing, goOn]);
  return { panel, goOn };
}

/** Whoever answers here sees whose exam it is: the dialog lies over the panel that says so. */
function ExamDialog({ order, children, ...modal }: { order: Order } & ModalProps) {
  return (
    <Modal {...modal}>
      <Text size="sm" mb="sm">
        <PatientLine patient={order.patient} /> · {order.studyType}
      </Text>
      {children}
    </Modal>
  );
}

/** One way for all acts: say what was done or why not, and show the order as it is now. */
function useOrderAct(onDone: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ run }: { run: () => Promise<unknown>; done: string }) => run(),
    onSuccess: (_result, { done }) => {
      told(done);
      onDone();
    },
    onError: (error) => refused(error),
    onSettled: () => queries.invalidateQueries({ queryKey: ['orders'] }),
  });
}

function CheckIn({ order, onConfirm, isPending }: { order: Order; onConfirm: () => void; isPending: boolean }) {
  const clock = useClock();
  const [isName, setName] = useState(false);
  const [isBorn, setBorn] = useState(false);
  return (
    <Stack gap="sm">
      <Text size="sm">
        {examWords(order)} · {appointmentWords(order, clock.dateTime, clock)}
      </Text>
      <OtherDay order={order} />
      <Text size="sm">Ask; do not read it out. Compare two identifiers with what the person says.</Text>
      <Checkbox label={`Name: ${patientLine({ ...order.patient, mrn: '' })}`} checked={isName} onChange={(event) => setName(event.currentTarget.checked)} data-autofocus />
      <Checkbox label={order.patient.birthDate ? `Date of birth: ${calendarDate(order.patient.birthDate)}` : `Number: ${order.patient.mrn}`} checked={isBorn} onChange={(event) => setBorn(event.currentTarget.checked)} />
      <Group justify="flex-end">
        <Button disabled={!isName || !isBorn} loading={isPending} onClick={onConfirm}>
          Check in
        </Button>
      </Group>
    </Stack>
  );
}

function arrivedSoFar(images: number): string {
  if (images === 0) return 'No image has arrived so far.';
  return images === 1 ? 'One image has arrived so far.' : `${images} images have arrived so far.`;
}

function Complete({ order, onConfirm, isPending }: { order: Order; onConfirm: (expected: number | null) => void; isPending: boolean }) {
  const [expected, setExpected] = useState<number | string>('');
  const isOutside = expected !== '' && !(Number(expected) >= 1 && Number(expected) <= 100_000);
  return (
    <Stack gap="sm">
      <Text size="sm">{arrivedSoFar(order.receivedInstances)} Later ones are still taken, and the reader is told.</Text>
      <NumberInput label="Images made, if you know" min={1} max={100_000} clampBehavior="none" allowDecimal={false} error={isOutside && '1 to 100,000 images.'} value={expected} onChange={setExpected} data-autofocus />
      <Group justify="flex-end">
        <Button disabled={isOutside} loading={isPending} onClick={() => onConfirm(typeof expected === 'number' ? expected : null)}>
          Ready for read
        </Button>
      </Group>
    </Stack>
  );
}

function Cancel({ onConfirm, isPending }: { onConfirm: (reason: string) => void; isPending: boolean }) {
  const [reason, setReason] = useState('');
  return (
    <Stack gap="sm">
      <TextInput label="Why" required value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
      <Group justify="flex-end">
        <Button color="red.9" disabled={reason.trim() === ''} loading={isPending} onClick={() => onConfirm(reason.trim())}>
          Cancel the exam
        </Button>
      </Group>
    </Stack>
  );
}

function Reschedule({ order, rooms, onDone }: { order: Order; rooms: Equipment[]; onDone: () => void }) {
  const clock = useClock();
  const [wall, setWall] = useState<string | null>(order.appointment ? clock.wall(order.appointment.startsAt) : null);
  const [roomId, setRoomId] = useState<string | null>(order.appointment?.equipmentId ?? null);
  const act = useOrderAct(onDone);
  const fitting = rooms.filter((room) => room.active && room.modality === order.modality);
  const move = (body: Parameters<typeof reschedule>[1]) => act.mutate({ run: () => reschedule(order, body), done: 'Appointment changed' });
  return (
    <Stack gap="sm">
      <DateTimePicker label={`When (${clock.zone})`} valueFormat="D MMM YYYY HH:mm" value={wall} onChange={setWall} />
      <Select label="Room" data={fitting.map((room) => ({ value: room.id, label: `${room.name}, ${room.room}` }))} value={roomId} onChange={setRoomId} />
      <Group justify="space-between">
        <Button variant="default" loading={act.isPending} onClick={() => move({})}>
          First free slot
        </Button>
        <Button disabled={!wall} loading={act.isPending} onClick={() => wall && move({ startsAt: clock.instant(wall), ...(roomId ? { equipmentId: roomId } : {}) })}>
          Book
        </Button>
      </Group>
    </Stack>
  );
}
