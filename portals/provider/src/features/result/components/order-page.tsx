/** One order, from its appointment to its report. It follows by itself. */
import { Alert, Anchor, Button, Group, Paper, Text, Title } from '@mantine/core';
import { orderQuery } from '@shared/api/orders';
import { reportOfOrderQuery, sayOpened } from '@shared/api/reports';
import { viewerDataQuery } from '@shared/api/studies';
import type { Order, Report } from '@shared/api/types';
import { areImagesTakenOut, isCancellable } from '@shared/progress/progress';
import { ProgressSteps } from '@shared/progress/progress-steps';
import { SignedReport } from '@shared/report/signed-report';
import { useKnownReport } from '@shared/report/use-known-report';
import { useClock, useMay } from '@shared/shell/portal-context';
import { Empty, Loaded, Loading } from '@shared/states/states';
import { NoImages } from '@shared/viewer/no-images';
import { IconAlertTriangle, IconArrowLeft, IconBan, IconCalendar, IconDownload } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { CancelDialog } from './cancel-dialog';
import { ImagesCard } from './images-card';
import { OrderDetails } from './order-details';
import { PatientBanner } from './patient-banner';
import classes from './result.module.css';

export function OrderPage() {
  const { orderId } = useParams({ from: '/orders/$orderId' });
  const query = useQuery(orderQuery(orderId));
  useEffect(() => {
    document.title = 'Order · Imaging';
  }, []);
  return (
    <div className={classes.frame}>
      <Title order={1} className="visually-hidden">
        Order
      </Title>
      <Anchor component={Link} to="/" size="sm" c="var(--info)" className={classes.back}>
        <IconArrowLeft size={14} aria-hidden /> My orders
      </Anchor>
      <Loaded query={query} what="order">{(order) => <OrderView order={order} />}</Loaded>
    </div>
  );
}

function OrderView({ order }: { order: Order }) {
  const may = useMay();
  const report = useKnownReport(order.id);
  const [isCancelling, setCancelling] = useState(false);
  return (
    <>
      <PatientBanner order={order} />
      {order.status === 'CANCELLED' && (
        <Alert color="gray" icon={<IconBan size={18} />} title="This order was cancelled" mb="md">
          {order.cancelReason}
        </Alert>
      )}
      <div className={classes.columns} data-waiting={order.reportId === null || undefined}>
        <div className={classes.main}>
          <ReportCard order={order} />
          <OrderImages order={order} />
        </div>
        <aside className={classes.side} aria-label="Order">
          <Paper p="md" component="section" aria-label="Progress">
            <ProgressSteps order={order} report={report} />
          </Paper>
          <Appointment order={order} />
          <OrderDetails order={order} />
          {isCancellable(order) && may('order.cancel') && (
            <Button variant="default" color="red" leftSection={<IconBan size={15} />} onClick={() => setCancelling(true)}>
              Cancel this order
            </Button>
          )}
        </aside>
      </div>
      <CancelDialog order={order} isOpen={isCancelling} close={() => setCancelling(false)} />
    </>
  );
}

function Appointment({ order }: { order: Order }) {
  const clock = useClock();
  if (order.status !== 'SCHEDULED') return null;
  return (
    <Paper p="md" component="section" aria-label="Appointment">
      <Group gap={8} wrap="nowrap" align="flex-start">
        <IconCalendar size={17} color="var(--info)" aria-hidden />
        {order.appointment ? (
          <div>
            <Text size="lg" fw={650} className="tabular">
              {clock.dateTime(order.appointment.startsAt)}
            </Text>
            <Text size="sm" c="var(--text-dim)">
              {order.appointment.room} ({order.appointment.equipmentName}), {order.appointment.appointmentDuration} minutes
            </Text>
            {order.checkedInAt && <Text size="sm">The patient has arrived, {clock.near(order.checkedInAt)}</Text>}
          </div>
        ) : (
          <div>
            <Text fw={600}>Appointment to follow</Text>
            <Text size="sm" c="var(--text-dim)">
              No free slot was found. The department assigns one by hand, and it appears here.
            </Text>
          </div>
        )}
      </Group>
    </Paper>
  );
}

const WAITING: Record<string, string> = {
  SCHEDULED: 'The exam has not begun yet.',
  IN_PROGRESS: 'The exam is in progress.',
  IMAGES_AVAILABLE: 'The images wait to be read.',
};

function ReportCard({ order }: { order: Order }) {
  const may = useMay();
  const query = useQuery({ ...reportOfOrderQuery(order.id), enabled: may('report.read') });
  return (
    <Paper p="md" component="section" aria-label="Report" className={classes.report} data-preliminary={query.data?.status === 'PRELIMINARY' || undefined}>
      <Title order={2} mb="xs">
        Report
      </Title>
      <Loaded query={query} skeleton={<Loading rows={5} height={18} />}>
        {(report) =>
          report ? (
            <OpenedReport report={report} />
          ) : (
            <Empty title={order.status === 'CANCELLED' ? 'There is no report' : 'No report yet'}>
              {order.status === 'CANCELLED' ? '' : `${WAITING[order.status] ?? ''} The report appears here by itself, and you are told.`}
            </Empty>
          )
        }
      </Loaded>
    </Paper>
  );
}

/** A report on the page counts as opened once the page is in front. */
function OpenedReport({ report }: { report: Report }) {
  const { id, version } = report;
  useEffect(() => {
    let isTold = false;
    const seen = () => {
      if (document.visibilityState !== 'visible' || isTold) return;
      isTold = true;
      // Not worth a word to the doctor: it stays unread, and is told when it is shown again.
      sayOpened({ id, version }).catch(() => (isTold = false));
    };
    seen();
    document.addEventListener('visibilitychange', seen);
    return () => document.removeEventListener('visibilitychange', seen);
  }, [id, version]);
  return (
    <>
      {report.hasCriticalFindings && (
        <Text size="sm" c="var(--critical)" mb="xs">
          <IconAlertTriangle size={14} style={{ verticalAlign: -2 }} aria-hidden /> This report holds a critical finding.{' '}
          <Anchor component={Link} to="/critical" c="var(--critical)" td="underline" size="sm">
            See its alert
          </Anchor>
        </Text>
      )}
      <SignedReport key={report.versions.length} report={report} showChanges pdf={<DownloadPdf url={report.pdfUrl} />} />
    </>
  );
}

function DownloadPdf({ url }: { url: string | null }) {
  return (
    <Button component="a" href={url ?? undefined} download variant="default" leftSection={<IconDownload size={15} />}>
      Download PDF
    </Button>
  );
}

function OrderImages({ order }: { order: Order }) {
  const may = useMay();
  const query = useQuery({ ...viewerDataQuery(order.id), enabled: may('viewer.read') && order.status !== 'SCHEDULED' && order.receivedInstances > 0 });
  if (!may('viewer.read')) return null;
  if (areImagesTakenOut(order))
    return (
      <Paper p="md" component="section" aria-label="Images">
        <Title order={2}>Images</Title>
        <NoImages order={order} />
      </Paper>
    );
  if (order.receivedInstances === 0) return null;
  return (
    <Loaded query={query} skeleton={<Loading rows={1} height={120} />}>
      {(data) => <ImagesCard data={data} />}
    </Loaded>
  );
}
