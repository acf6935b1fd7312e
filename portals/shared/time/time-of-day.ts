/** A time of day as the hospital writes it, `14:05`, from what a hand types. Pure. */

export const HOW_TO_WRITE_A_TIME = 'Write the time as 14:05, from 00:00 to 23:59.';

export const isTimeOfDay = (text: string): boolean => /^([01]\d|2[0-3]):[0-5]\d$/.test(text);

/** `09:30` of `930`, `0930`, `9.30` or `9:30`, and `09:00` of `9`; what is no time stays as it was typed. */
export function timeOfDay(typed: string): string {
  const [, hours = '', minutes = '00'] = /^\s*(\d{1,2})(?:[:.h]?(\d{2}))?\s*$/.exec(typed) ?? [];
  const time = `${hours.padStart(2, '0')}:${minutes}`;
  return hours !== '' && isTimeOfDay(time) ? time : typed;
}
