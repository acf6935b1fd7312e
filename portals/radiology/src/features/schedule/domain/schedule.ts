/** The day of the rooms as the timeline draws it, and what an order may do next. Pure. */
import type { Equipment, Modality, Order, Priority } from '@shared/api/types';
import type { HospitalTime } from '@shared/time/hospital-time';

export interface ScheduleSearch {
  date?: string;
  modality?: Modality;
  priority?: Priority;
  view?: 'list';
  /** Whose panel is open. */
  order?: string;
}

const MODALITIES: readonly string[] = ['CT', 'MRI', 'XRAY', 'USG'];
const PRIORITIES: readonly string[] = ['STAT', 'URGENT', 'ROUTINE'];

export function readScheduleSearch(raw: Record<string, unknown>): ScheduleSearch {
  const { date, modality, priority, view, order } = raw;
  return {
    ...(typeof date === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(date) ? { date } : {}),
    ...(typeof modality === 'string' && MODALITIES.includes(modality) ? { modality: modality as Modality } : {}),
    ...(typeof priority === 'string' && PRIORITIES.includes(priority) ? { priority: priority as Priority } : {}),
    ...(view === 'list' ? { view } : {}),
    ...(typeof order === 'string' ? { order } : {}),
  };
}

const COLORS: Record<string, string> = { SCHEDULED: 'blue', IN_PROGRESS: 'yellow', IMAGES_AVAILABLE: 'sea', PRELIMINARY_REPORT: 'orange', FINAL_REPORT: 'green' };

export interface TimelineEvent {
  id: string;
  title: string;
  start: string;
  end: string;
  color: string;
  resourceId: string;
  display?: 'background';
  payload: { order?: Order; blocked?: string };
}

/** Appointments and blocked times in wall-clock time of the hospital. */
export function timelineEvents(orders: readonly Order[], rooms: readonly Equipment[], clock: HospitalTime): TimelineEvent[] {
  const appointments = orders.flatMap((order) => {
    const slot = order.appointment;
    if (!slot || order.status === 'CANCELLED') return [];
    return [
      {
        id: order.id,
        title: order.studyType,
        start: clock.wall(slot.startsAt),
        end: clock.wall(slot.endsAt),
        color: order.priority === 'STAT' ? 'red' : (COLORS[order.status] ?? 'gray'),
        resourceId: slot.equipmentId,
        payload: { order },
      },
    ];
  });
  const blocked = rooms.flatMap((room) =>
    room.blockedTimes.map((time) => ({
      id: time.id,
      title: time.reason,
      start: clock.wall(time.startsAt),
      end: clock.wall(time.endsAt),
      color: 'gray',
      resourceId: room.id,
      display: 'background' as const,
      payload: { blocked: time.reason },
    })),
  );
  return [...appointments, ...blocked];
}

/** The rooms of a day: those in use, and those that are not where something is booked all the same. */
export function roomsOf(rooms: readonly Equipment[], orders: readonly Order[], modality?: Modality): Equipment[] {
  const booked = new Set(orders.flatMap(({ appointment, status }) => (appointment && status !== 'CANCELLED' ? [appointment.equipmentId] : [])));
  return rooms.filter((room) => (room.active || booked.has(room.id)) && (!modality || room.modality === modality));
}

/** What closes at 00:00 closes at the end of the day, as the server has it. */
function closingHour({ opens, closes }: { opens: string; closes: string }): number {
  if (closes <= opens) return 24;
  return Number(closes.slice(0, 2)) + (closes.slice(3, 5) === '00' ? 0 : 1);
}

/** From the earliest opening to the latest closing of the rooms, in whole hours; a day's work at the least. */
export function hoursShown(rooms: readonly Equipment[]): { from: string; until: string } {
  const hours = rooms.flatMap((room) => room.openingHours);
  const from = Math.min(7, ...hours.map(({ opens }) => Number(opens.slice(0, 2))));
  const until = Math.max(18, ...hours.map(closingHour));
  const hour = (value: number) => `${String(value).padStart(2, '0')}:00:00`;
  return { from: hour(from), until: until >= 24 ? '23:59:59' : hour(until) };
}

export const examWords = ({ studyType, laterality }: Order): string => `${studyType}${laterality ? ` (${laterality.toLowerCase()})` : ''}`;

/** When and where; with the day, or on a day that is known by the time alone. */
export function appointmentWords({ appointment }: Order, begins: HospitalTime['dateTime'], clock: HospitalTime): string {
  if (!appointment) return 'No appointment yet';
  return `${begins(appointment.startsAt)}–${clock.time(appointment.endsAt)}, ${appointment.equipmentName} (${appointment.room})`;
}

const DAY_MS = 86_400_000;
const WHEN: Record<number, string> = { [-1]: 'was yesterday,', 1: 'is tomorrow,' };

/** That an appointment is not of the hospital's today, as a sentence; empty when it is, or when there is none. */
export function otherDay({ appointment }: Order, today: string, clock: HospitalTime): string {
  const days = appointment ? (Date.parse(clock.day(appointment.startsAt)) - Date.parse(today)) / DAY_MS : 0;
  if (!appointment || days === 0) return '';
  return `The appointment ${WHEN[days] ?? (days < 0 ? 'was on' : 'is on')} ${clock.dateTime(appointment.startsAt)}, not today.`;
}

/** What of a day is the same exam of the same patient, and still to be done. */
export function sameExamOf({ id, patient, modality, studyType, laterality }: Order, day: readonly Order[]): Order[] {
  return day.filter(
    (other) =>
      other.id !== id && !isOver(other) && other.patient.mrn === patient.mrn && other.patient.issuerOfPatientId === patient.issuerOfPatientId && other.modality === modality && other.studyType === studyType && other.laterality === laterality,
  );
}

export type ExamStep = 'check-in' | 'screening' | 'start' | 'complete';

export interface StepState {
  step: ExamStep;
  label: string;
  isDone: boolean;
  /** Why it cannot be done now; empty when it can, or is done. */
  waitsFor: string;
}

/** The steps of an exam in their order; each waits for the one before it. */
export function examSteps(order: Order): StepState[] {
  const needsScreening = order.screeningRequired.length > 0;
  const isCheckedIn = order.checkedInAt !== null;
  const isScreened = !needsScreening || (order.screening?.passed ?? false);
  const isStarted = order.startedAt !== null;
  const isCompleted = order.completedAt !== null;
  const steps: StepState[] = [
    { step: 'check-in', label: 'Patient is here, identity checked', isDone: isCheckedIn, waitsFor: '' },
    ...(needsScreening ? [{ step: 'screening' as const, label: 'Safety screening', isDone: isScreened, waitsFor: '' }] : []),
    { step: 'start', label: 'Exam started', isDone: isStarted, waitsFor: !isCheckedIn ? 'Check the patient in first.' : !isScreened ? (order.screening ? 'A radiologist has to decide on the safety screening first.' : 'The safety screening must be passed first.') : '' },
    { step: 'complete', label: 'Exam complete', isDone: isCompleted, waitsFor: isStarted ? '' : 'Start the exam first.' },
  ];
  return steps;
}

/** What speaks against the exam, and who decided to go on or has to. */
export function screeningVerdict({ concerns, passed, overrideReason, overriddenBy }: NonNullable<Order['screening']>): string {
  const decision = passed ? `cleared${overriddenBy ? ` by ${overriddenBy.name}` : ''}: ${overrideReason}` : 'a radiologist has to decide';
  return [...concerns, decision].join('; ');
}

export function isOver(order: Order): boolean {
  return order.status === 'CANCELLED' || order.completedAt !== null;
}
