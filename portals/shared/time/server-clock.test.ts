import { expect, it } from 'vitest';
import { ServerClock } from './server-clock';

const NINE = Date.parse('2026-03-02T09:00:00Z');
const HEARD = 'Mon, 02 Mar 2026 09:00:00 GMT';
const MINUTE = 60_000;

/** A clock that heard the server say nine, in an answer that took a tenth of a second, on a workstation that is wrong by so much. */
function heard(wrongBy: number): ServerClock {
  const clock = new ServerClock();
  clock.hear(HEARD, { askedAt: NINE + wrongBy - 100, answeredAt: NINE + wrongBy });
  return clock;
}

it.each([10 * MINUTE, -10 * MINUTE, 3 * 24 * 60 * MINUTE])('a workstation that is wrong by %d ms shows the time of the server', (wrongBy) => {
  expect(Math.abs(heard(wrongBy).at(NINE + wrongBy) - NINE)).toBeLessThanOrEqual(2100);
});

it('a workstation that is right, as far as whole seconds can tell, shows its own time', () => {
  expect(heard(1500).at(NINE + 1500)).toBe(NINE + 1500);
});

it('an answer that took long says little, and moves no clock that may be right', () => {
  const clock = new ServerClock();

  clock.hear(HEARD, { askedAt: NINE - 30_000, answeredAt: NINE + 5000 });

  expect(clock.at(NINE)).toBe(NINE);
});

it('follows when the workstation’s clock is set right', () => {
  const clock = heard(10 * MINUTE);

  clock.hear(HEARD, { askedAt: NINE - 100, answeredAt: NINE });

  expect(Math.abs(clock.at(NINE) - NINE)).toBeLessThanOrEqual(2100);
});

it('an answer without a time changes nothing', () => {
  const clock = new ServerClock();

  clock.hear(null, { askedAt: NINE, answeredAt: NINE });
  clock.hear('now', { askedAt: NINE, answeredAt: NINE });

  expect(clock.at(NINE)).toBe(NINE);
});
