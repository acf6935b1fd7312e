import '@mantine/charts/styles.css';
import { LineChart } from '@mantine/charts';
import { Paper, Text, Title } from '@mantine/core';
import type { Dashboard } from '@shared/api/types';
import { Empty } from '@shared/states/states';
import { shortDuration } from '@shared/time/hospital-time';
import { priorityName, turnaroundSeries } from '../domain/turnaround';
import classes from './dashboard.module.css';

type Points = Dashboard['turnaround'];

const COLORS = { STAT: '#ff8f8f', Urgent: '#f4c152', Routine: '#7fd0e0' };
const DASHES = { STAT: '', Urgent: '6 3', Routine: '2 3' };
const NAMES = ['STAT', 'Urgent', 'Routine'] as const;

/** From so many days on there is a course to see; fewer are better read as figures. */
const DAYS_OF_A_COURSE = 3;

export function Turnaround({ points }: { points: Points }) {
  const days = turnaroundSeries(points);
  return (
    <Paper p="md" component="section" aria-label="Turnaround">
      <Title order={2} mb={2}>
        Turnaround
      </Title>
      <Text size="sm" c="var(--text-dim)" mb="sm">
        From ready for read to signed
      </Text>
      {days.length === 0 && <Empty title="No signed reports in the last 14 days" />}
      {days.length > 0 && days.length < DAYS_OF_A_COURSE && <LatestDay points={points} />}
      {days.length >= DAYS_OF_A_COURSE && (
        <LineChart
          h="clamp(190px, 18dvh, 400px)"
          data={days}
          dataKey="day"
          unit=" min"
          withLegend
          withDots={days.length < 8}
          curveType="linear"
          strokeWidth={2}
          series={NAMES.map((name) => ({ name, color: COLORS[name], strokeDasharray: DASHES[name] }))}
          connectNulls
        />
      )}
    </Paper>
  );
}

/** A bar for each priority: the median solid, and faint up to where nine of ten were signed. */
function LatestDay({ points }: { points: Points }) {
  const day = points.reduce((latest, point) => (point.day > latest ? point.day : latest), '');
  const shown = points.filter((point) => point.day === day).toSorted((one, other) => NAMES.indexOf(priorityName(one)) - NAMES.indexOf(priorityName(other)));
  const longest = Math.max(1, ...shown.map((point) => point.p90Minutes));
  return (
    <>
      <dl className={classes.durations}>
        {shown.map((point) => {
          const name = priorityName(point);
          return (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <span className="tabular">
                  <strong>{minutes(point.medianMinutes)}</strong> median
                  <span className={classes.dim}>
                    {' '}
                    · nine of ten in {minutes(point.p90Minutes)} · {point.reports} {point.reports === 1 ? 'report' : 'reports'}
                  </span>
                </span>
                <svg className={classes.bar} viewBox="0 0 100 10" preserveAspectRatio="none" fill={COLORS[name]} aria-hidden>
                  <rect width="100" height="10" rx="1" opacity="0.08" />
                  <rect width={(100 * point.p90Minutes) / longest} height="10" rx="1" opacity="0.3" />
                  <rect width={(100 * point.medianMinutes) / longest} height="10" rx="1" />
                </svg>
              </dd>
            </div>
          );
        })}
      </dl>
      <Text size="xs" c="var(--text-dim)" mt="sm">
        The course over the days is drawn when there are three of them.
      </Text>
    </>
  );
}

function minutes(value: number): string {
  if (value < 1) return 'under 1 min';
  return value < 60 ? `${Math.round(value)} min` : shortDuration(value * 60_000);
}
