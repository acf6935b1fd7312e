import { Anchor, Button, Group, Paper, SimpleGrid, Text, ThemeIcon, Title } from '@mantine/core';
import { dashboardQuery, scheduleQuery } from '@shared/api/orders';
import { reportSearchQuery } from '@shared/api/reports';
import type { Dashboard } from '@shared/api/types';
import { Page } from '@shared/shell/page';
import { PatientCell } from '@shared/shell/patient';
import { useClock, useMay, usePortal } from '@shared/shell/portal-context';
import { Empty, Loaded, Loading } from '@shared/states/states';
import { shortModality } from '@shared/theme/modality';
import { ExamStatusBadge, PriorityBadge, ReportStatusBadge } from '@shared/theme/status';
import { shortDuration } from '@shared/time/hospital-time';
import { serverNow } from '@shared/time/server-clock';
import { useCoarseNow, useNow } from '@shared/time/use-now';
import { useViewerAhead } from '@shared/viewer/ahead';
import { IconAlertTriangle, IconCalendar, IconEye, IconFileCheck, IconPhoto, IconUpload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ComponentType, ReactNode } from 'react';
import classes from './dashboard.module.css';
import { Turnaround } from './turnaround';

export function DashboardPage() {
  const { me } = usePortal();
  const clock = useClock();
  const query = useQuery(dashboardQuery);
  const may = useMay();
  useViewerAhead(query.isSuccess && may('viewer.read'), '/read/$orderId');
  return (
    <Page fill title="Dashboard" subtitle={`${me.name} · ${clock.date(serverNow())}`} actions={<QuickActions />}>
      <Loaded query={query} skeleton={<Loading rows={4} height={84} />}>
        {(figures) => (
          <div className={classes.page}>
            <Figures figures={figures} />
            <div className={classes.columns}>
              <div className={classes.column}>
                <TodaySchedule />
              </div>
              <div className={classes.column}>
                <Turnaround points={figures.turnaround} />
                <RecentReports />
              </div>
            </div>
          </div>
        )}
      </Loaded>
    </Page>
  );
}

function QuickActions() {
  const may = useMay();
  return (
    <>
      {may('worklist.read') && (
        <Button component={Link} to="/worklist" leftSection={<IconEye size={16} />}>
          Read studies
        </Button>
      )}
      {may('schedule.read') && (
        <Button component={Link} to="/schedule" variant="default" leftSection={<IconCalendar size={16} />}>
          View schedule
        </Button>
      )}
      {may('images.upload') && (
        <Button component={Link} to="/upload" variant="default" leftSection={<IconUpload size={16} />}>
          Upload images
        </Button>
      )}
    </>
  );
}

function Figures({ figures }: { figures: Dashboard }) {
  const { scheduledToday, readyForRead, signedToday, criticalOpen } = figures;
  const modalities = scheduledToday.byModality.filter(({ count }) => count > 0).map(({ modality, count }) => `${count} ${shortModality(modality)}`);
  return (
    <SimpleGrid cols={{ base: 1, xs: 2, lg: 4 }} spacing="md">
      <Figure icon={IconCalendar} color="blue" title="Scheduled today" value={scheduledToday.total} to="/schedule" needs="schedule.read">
        {modalities.join(', ') || 'No appointments'}
        {scheduledToday.withoutSlot > 0 && <Warn>{scheduledToday.withoutSlot} without a slot</Warn>}
      </Figure>
      <Figure icon={IconPhoto} color="sea" title="Ready for read" value={readyForRead.total} to="/worklist" needs="worklist.read">
        {readyForRead.stat > 0 ? `${readyForRead.stat} STAT` : 'No STAT'}
        {readyForRead.overdue > 0 && <Warn>{readyForRead.overdue} overdue</Warn>}
      </Figure>
      <Figure icon={IconFileCheck} color="green" title="Reports signed today" value={signedToday.total} to="/reports" needs="report.read">
        <Trend signed={signedToday} />
      </Figure>
      <Figure icon={IconAlertTriangle} color={criticalOpen.total > 0 ? 'red' : 'gray'} title="Critical findings open" value={criticalOpen.total} to="/critical" needs="alert.read">
        <NextDeadline critical={criticalOpen} />
      </Figure>
    </SimpleGrid>
  );
}

interface FigureProps {
  icon: ComponentType<{ size?: number; stroke?: number }>;
  color: string;
  title: string;
  value: number;
  to: string;
  /** Without this right it stays a number: it leads to no page that is then refused. */
  needs: string;
  children: ReactNode;
}

function Figure({ icon: Icon, color, title, value, to, needs, children }: FigureProps) {
  const leads = useMay()(needs) ? { component: Link, to } : {};
  return (
    <Paper {...leads} p="md" className={classes.figure}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div>
          <Text size="sm" c="var(--text-dim)">
            {title}
          </Text>
          <Text className={classes.value}>{value}</Text>
        </div>
        <ThemeIcon variant="light" color={color} size={34} radius="md" aria-hidden>
          <Icon size={19} stroke={1.7} />
        </ThemeIcon>
      </Group>
      <Group gap={10} mt={2} mih={20}>
        <Text size="sm" component="div">
          {children}
        </Text>
      </Group>
    </Paper>
  );
}

function Warn({ children }: { children: ReactNode }) {
  return (
    <Text span size="sm" fw={600} c="var(--warning)" ml={8}>
      {children}
    </Text>
  );
}

function Trend({ signed }: { signed: Dashboard['signedToday'] }) {
  if (signed.trendPercent === null) return `Yesterday by now: ${signed.yesterdayByNow}`;
  const sign = signed.trendPercent >= 0 ? '+' : '−';
  return `${sign}${Math.abs(signed.trendPercent).toFixed(0)} % against yesterday by now (${signed.yesterdayByNow})`;
}

function NextDeadline({ critical }: { critical: Dashboard['criticalOpen'] }) {
  const now = useNow();
  if (critical.total === 0) return 'All confirmed';
  const left = critical.nextDeadlineAt ? Date.parse(critical.nextDeadlineAt) - now : null;
  return (
    <>
      {left !== null && (left >= 0 ? `Next deadline in ${shortDuration(left)}` : `Deadline passed ${shortDuration(left)} ago`)}
      {critical.overdue > 0 && <Warn>{critical.overdue} overdue</Warn>}
    </>
  );
}

function Panel({ title, to, children }: { title: string; to: string; children: ReactNode }) {
  return (
    <Paper p={0} component="section" aria-label={title} className={classes.panel}>
      <Group justify="space-between" px="md" py={8} className={classes.panelHead}>
        <Title order={2}>{title}</Title>
        <Anchor component={Link} to={to} size="sm" c="var(--info)">
          Open<span className="visually-hidden"> {title}</span>
        </Anchor>
      </Group>
      <div className={classes.rows} tabIndex={0} role="group" aria-label={`${title}, all`}>
        {children}
      </div>
    </Paper>
  );
}

const REPORTS = 50;

function TodaySchedule() {
  const clock = useClock();
  const now = useCoarseNow();
  const query = useQuery(scheduleQuery({}));
  return (
    <Panel title="Today’s schedule" to="/schedule">
      <Loaded query={query}>
        {(page) => {
          const coming = page.items.filter((order) => order.status !== 'CANCELLED' && order.appointment && Date.parse(order.appointment.endsAt) > now - 3_600_000);
          if (coming.length === 0) return <Empty title="No more appointments today" />;
          return (
            <ul className={classes.list}>
              {coming.map((order) => (
                <li key={order.id}>
                  <Link to="/schedule" search={{ order: order.id } as never} className={classes.appointment}>
                    <span className="tabular">{order.appointment && clock.time(order.appointment.startsAt)}</span>
                    <span className={classes.dim}>{order.appointment?.equipmentName}</span>
                    <span className={classes.whose}>
                      <PatientCell patient={order.patient} />
                      <Text size="xs" c="var(--text-dim)" truncate>
                        {order.studyType}
                      </Text>
                    </span>
                    <PriorityBadge priority={order.priority} />
                    <ExamStatusBadge order={order} />
                  </Link>
                </li>
              ))}
            </ul>
          );
        }}
      </Loaded>
    </Panel>
  );
}

function RecentReports() {
  const clock = useClock();
  const may = useMay();
  const query = useQuery({ ...reportSearchQuery({ status: ['FINAL', 'AMENDED'], pageSize: REPORTS }), enabled: may('report.read') });
  if (!may('report.read')) return null;
  return (
    <Panel title="Recent reports" to="/reports">
      <Loaded query={query}>
        {(page) =>
          page.items.length === 0 ? (
            <Empty title="No signed reports yet" />
          ) : (
            <ul className={classes.list}>
              {page.items.map((report) => (
                <li key={report.id}>
                  <Link to="/read/$orderId" params={{ orderId: report.orderId }} className={classes.report}>
                    <span className="tabular">{clock.near(report.signedAt ?? report.updatedAt)}</span>
                    <span className={classes.whose}>
                      <PatientCell patient={report.patient} />
                      <Text size="xs" c="var(--text-dim)" truncate>
                        {report.studyType} · {report.radiologistName}
                      </Text>
                    </span>
                    <ReportStatusBadge status={report.status} />
                  </Link>
                </li>
              ))}
            </ul>
          )
        }
      </Loaded>
    </Panel>
  );
}
