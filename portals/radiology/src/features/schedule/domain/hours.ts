/** Which hours the timeline spans, and which of them are seen when it opens. Pure. */
export interface Hours {
  from: string;
  until: string;
}

/** The timeline's last moment of a day: it has no 24:00. */
const END_OF_DAY = '23:59:59';

/** Whole hours that hold the rooms' own and all these times: what happens at night must not be out of sight. */
export function hoursAround(hours: Hours, times: readonly string[]): Hours {
  const from = Math.min(hourOf(hours.from), ...times.map(hourOf));
  const until = Math.max(Math.ceil(secondsOf(hours.until) / 3600), ...times.map((time) => hourOf(time) + 1));
  return { from: wholeHour(from), until: until >= 24 ? END_OF_DAY : wholeHour(until) };
}

/** How far to scroll an axis of some width, so that a time is seen with a quarter of the view behind it. */
export function scrolledTo({ hours, time, width, seen }: { hours: Hours; time: string; width: number; seen: number }): number {
  const [from, until] = [secondsOf(hours.from), hours.until === END_OF_DAY ? 86_400 : secondsOf(hours.until)];
  const at = (width * (secondsOf(time) - from)) / (until - from);
  return Math.round(Math.max(0, Math.min(width - seen, at - seen / 4)));
}

/** The first and last moment that events take of a day; what comes from the day before or goes on into the next is cut. */
export function timesOn(date: string, events: ReadonlyArray<{ start: string; end: string }>): string[] {
  return events.flatMap(({ start, end }) => {
    const [from, until] = [start.slice(0, 10), end.slice(0, 10)];
    if (from > date || until < date) return [];
    return [from < date ? '00:00:00' : start.slice(11), until > date ? END_OF_DAY : lastSecondBefore(end.slice(11))];
  });
}

/** What ends at 18:00 needs no hour after it. */
function lastSecondBefore(time: string): string {
  const seconds = Math.max(0, secondsOf(time) - 1);
  return [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => String(Math.floor(part)).padStart(2, '0')).join(':');
}

const hourOf = (time: string): number => Number(time.slice(0, 2));

function secondsOf(time: string): number {
  const [hour = 0, minute = 0, second = 0] = time.split(':').map(Number);
  return hour * 3600 + minute * 60 + second;
}

const wholeHour = (hour: number): string => `${String(hour).padStart(2, '0')}:00:00`;
