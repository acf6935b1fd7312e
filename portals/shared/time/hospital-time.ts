/**
 * Times as the hospital's clocks show them, wherever the reader sits. The zone comes from the server;
 * the browser's own zone is never used for anything clinical.
 */
import { serverNow } from './server-clock';

/** ISO 8601, or milliseconds. */
type Instant = string | number | Date;

export interface HospitalTime {
  readonly zone: string;
  date(at: Instant): string;
  time(at: Instant): string;
  dateTime(at: Instant): string;
  /** The time alone when it is of the hospital's today, else with its day, and of another year with that. */
  near(at: Instant, now?: Instant): string;
  /** `2025-11-11`, the hospital's calendar day of an instant. */
  day(at: Instant): string;
  /** The day that it is in the hospital now. */
  today(): string;
  /** `2025-11-11 14:05:00`: wall-clock time for the schedule grid. */
  wall(at: Instant): string;
  /** Inverse of `wall`: the instant, as ISO 8601 with Z. */
  instant(wall: string): string;
}

type Parts = Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', string>;

function partsIn(formatter: Intl.DateTimeFormat, at: Date): Parts {
  const parts = Object.fromEntries(formatter.formatToParts(at).map((part) => [part.type, part.value]));
  return parts as Parts;
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** Make the clock of one zone; formats are fixed (`11 Nov 2025 14:05`), so no locale can swap day and month. */
export function hospitalTime(zone: string): HospitalTime {
  const formatter = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const parts = (at: Instant) => partsIn(formatter, new Date(at));
  const date = (at: Instant) => {
    const p = parts(at);
    return `${p.day} ${MONTHS[Number(p.month) - 1]} ${p.year}`;
  };
  const time = (at: Instant) => {
    const p = parts(at);
    return `${p.hour}:${p.minute}`;
  };
  const wall = (at: Instant) => {
    const p = parts(at);
    return `${p.year}-${p.month}-${p.day} ${p.hour}:${p.minute}:${p.second}`;
  };
  const day = (at: Instant) => wall(at).slice(0, 10);
  const dateTime = (at: Instant) => `${date(at)} ${time(at)}`;
  return {
    zone,
    date,
    time,
    wall,
    dateTime,
    near: (at, now: Instant = serverNow()) => (day(at) === day(now) ? time(at) : dateTime(at).replace(` ${parts(now).year} `, ' ')),
    day,
    today: () => day(serverNow()),
    instant: (wanted) => instantOf(wanted, wall),
  };
}

/** Search the instant whose wall clock is the wanted one; two steps settle every offset change. */
function instantOf(wanted: string, wall: (at: Date) => string): string {
  const asUtc = (text: string) => Date.parse(`${text.replace(' ', 'T')}Z`);
  const target = asUtc(wanted.length === 16 ? `${wanted}:00` : wanted);
  let guess = target;
  for (let step = 0; step < 3; step += 1) guess += target - asUtc(wall(new Date(guess)));
  return new Date(guess).toISOString();
}

/** `4 min 05 s`, `22 min`, `2 h 10 min`, `3 d 1 h`: never more exact than a reader needs, and never like a time of day. */
export function shortDuration(milliseconds: number): string {
  const seconds = Math.round(Math.abs(milliseconds) / 1000);
  const minutes = Math.floor(seconds / 60);
  if (minutes < 10) return minutes === 0 ? `${seconds} s` : `${minutes} min ${twoDigits(seconds % 60)} s`;
  if (minutes < 60) return `${minutes} min`;
  if (minutes < 24 * 60) return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
  return `${Math.floor(minutes / (24 * 60))} d ${Math.floor((minutes % (24 * 60)) / 60)} h`;
}

const twoDigits = (value: number): string => String(value).padStart(2, '0');

/** `54Y`, `7M`, `12D` at the time of the exam, as age is written on an image. */
export function ageAt(birthDate: string | null | undefined, at: Instant): string {
  if (!birthDate) return '';
  const born = new Date(`${birthDate}T00:00:00Z`);
  const then = new Date(at);
  let months = (then.getUTCFullYear() - born.getUTCFullYear()) * 12 + then.getUTCMonth() - born.getUTCMonth();
  if (then.getUTCDate() < born.getUTCDate()) months -= 1;
  if (Number.isNaN(months) || months < 0) return '';
  if (months >= 24) return `${Math.floor(months / 12)}Y`;
  if (months >= 2) return `${months}M`;
  return `${Math.floor((then.getTime() - born.getTime()) / 86_400_000)}D`;
}

/** `Doe, John` from DICOM's `Doe^John^^^`: family first, as a list is scanned by it. */
export function personName(dicomName: string): string {
  const [family = '', given = '', middle = ''] = dicomName.split('=')[0]?.split('^') ?? [];
  const rest = [given, middle].filter(Boolean).join(' ');
  return rest ? `${family}, ${rest}` : family;
}
