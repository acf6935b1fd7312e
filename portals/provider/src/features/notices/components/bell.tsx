/** Results that came and were not opened yet: a number in the head of the page, and a message when one comes. */
import { ActionIcon, Button, Indicator, Popover, Text, UnstyledButton } from '@mantine/core';
import { sayAllOpened } from '@shared/api/reports';
import type { ReportSummary } from '@shared/api/types';
import { came } from '@shared/feedback/toasts';
import { headline, noticeKey } from '@shared/results/unread';
import { useUnread } from '@shared/results/use-unread';
import { useClock } from '@shared/shell/portal-context';
import { personName } from '@shared/time/hospital-time';
import { IconAlertTriangle, IconBell, IconFileCheck, IconFilePencil, IconPencilCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import classes from './bell.module.css';

const ICONS = { PRELIMINARY: IconFilePencil, FINAL: IconFileCheck, AMENDED: IconPencilCheck };

export function Bell() {
  const { unread, isLoaded } = useUnread();
  const seeAll = useMutation({ mutationFn: () => sayAllOpened(unread) });
  const navigate = useNavigate();
  const [isOpen, setOpen] = useState(false);
  const open = (report: ReportSummary) => {
    setOpen(false);
    void navigate({ to: '/orders/$orderId', params: { orderId: report.orderId } });
  };
  useArrivals(unread, isLoaded, open);
  const words = unread.length === 0 ? 'No new results' : `${unread.length} new ${unread.length === 1 ? 'result' : 'results'}`;
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-end" width={360} trapFocus shadow="md">
      <Indicator label={unread.length > 99 ? '99+' : unread.length} disabled={unread.length === 0} size={16} color="#b3282d" offset={5}>
        <Popover.Target>
          <ActionIcon size={32} aria-label={words} onClick={() => setOpen(!isOpen)}>
            <IconBell size={19} stroke={1.7} />
          </ActionIcon>
        </Popover.Target>
      </Indicator>
      <Popover.Dropdown p={0} aria-label="New results">
        <div className={classes.head}>
          <Text fw={600}>{words}</Text>
          {unread.length > 0 && (
            <Button variant="subtle" size="compact-xs" loading={seeAll.isPending} onClick={() => seeAll.mutate()}>
              Mark all as seen
            </Button>
          )}
        </div>
        {unread.length === 0 ? (
          <Text size="sm" c="var(--text-dim)" p="md">
            Reports of your orders appear here as soon as they are there.
          </Text>
        ) : (
          <ul className={classes.list}>
            {unread.slice(0, 30).map((report) => (
              <li key={noticeKey(report)}>
                <Notice report={report} open={() => open(report)} />
              </li>
            ))}
          </ul>
        )}
      </Popover.Dropdown>
    </Popover>
  );
}

function Notice({ report, open }: { report: ReportSummary; open: () => void }) {
  const clock = useClock();
  const Icon = report.hasCriticalFindings ? IconAlertTriangle : ICONS[report.status];
  return (
    <UnstyledButton className={classes.notice} onClick={open}>
      <Icon size={17} color={report.hasCriticalFindings ? 'var(--critical)' : 'var(--info)'} aria-hidden />
      <span className={classes.what}>
        <Text span size="sm" fw={600} truncate display="block">
          {personName(report.patient.name)}
        </Text>
        <Text span size="xs" c="var(--text-dim)" truncate display="block">
          {report.studyType}
        </Text>
        <Text span size="xs" c={report.hasCriticalFindings ? 'var(--critical)' : 'var(--text-dim)'} display="block">
          {headline(report.status)}
          {report.hasCriticalFindings ? ', critical finding' : ''}
        </Text>
      </span>
      <Text span size="xs" c="var(--text-dim)" className="tabular" style={{ whiteSpace: 'nowrap' }}>
        {clock.dateTime(report.signedAt ?? report.updatedAt)}
      </Text>
    </UnstyledButton>
  );
}

/** A message for each result that comes while the page is open; what was there before is only counted. */
function useArrivals(unread: ReportSummary[], isLoaded: boolean, open: (report: ReportSummary) => void): void {
  const known = useRef<Set<string> | null>(null);
  const openNow = useRef(open);
  useEffect(() => {
    openNow.current = open;
  });
  useEffect(() => {
    if (!isLoaded) return;
    const keys = unread.map(noticeKey);
    const arrived = known.current ? unread.filter((report) => !known.current?.has(noticeKey(report))) : [];
    known.current = new Set([...(known.current ?? []), ...keys]);
    // The message names no patient: it may lie over somebody else's page, and a shoulder may look on.
    for (const report of arrived) if (!isOnPage(report)) came(`${headline(report.status)}: ${report.studyType}, ${report.orderNumber}`, { label: 'Open', act: () => openNow.current(report) });
  }, [unread, isLoaded]);
}

const isOnPage = (report: ReportSummary) => location.pathname === `/orders/${report.orderId}`;
