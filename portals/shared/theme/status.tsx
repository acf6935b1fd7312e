/**
 * One look for each state, in both portals: a colour, an icon of its own shape, and the word. Nothing
 * on a screen is told by colour alone.
 */
import { Badge } from '@mantine/core';
import {
  IconAlertTriangle,
  IconBolt,
  IconCalendar,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleX,
  IconClock,
  IconFileCheck,
  IconFilePencil,
  IconFlame,
  IconPencilCheck,
  IconPhoto,
  IconPhotoDown,
  IconPlayerPlay,
  IconUserCheck,
  IconUserQuestion,
} from '@tabler/icons-react';
import type { ComponentType } from 'react';
import type { Order, Report } from '../api/types';

/** Readiness is left out where it is not known. */
type Standing = Pick<Order, 'status'> & Partial<Pick<Order, 'readyForReadAt'>>;
type Exam = Standing & Pick<Order, 'checkedInAt' | 'screening'>;

interface Look {
  label: string;
  color: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
}

const ORDER_STATUS: Record<string, Look> = {
  SCHEDULED: { label: 'Scheduled', color: 'blue', icon: IconCalendar },
  IN_PROGRESS: { label: 'In progress', color: 'yellow', icon: IconPlayerPlay },
  IMAGES_AVAILABLE: { label: 'Images available', color: 'sea', icon: IconPhoto },
  PRELIMINARY_REPORT: { label: 'Preliminary', color: 'orange', icon: IconFilePencil },
  FINAL_REPORT: { label: 'Final', color: 'green', icon: IconFileCheck },
  CANCELLED: { label: 'Cancelled', color: 'gray', icon: IconCircleX },
};

const READY: Look = { label: 'Ready for read', color: 'sea', icon: IconPhoto };
const ARRIVING: Look = { label: 'Images arriving', color: 'sea', icon: IconPhotoDown };
const HERE: Look = { label: 'Patient is here', color: 'sea', icon: IconUserCheck };
/** An answer of the screening speaks against the exam, and no radiologist has decided yet. */
const TO_DECIDE: Look = { label: 'Decision open', color: 'yellow', icon: IconUserQuestion };

const REPORT_STATUS: Record<string, Look> = {
  PRELIMINARY: { label: 'Preliminary', color: 'orange', icon: IconFilePencil },
  FINAL: { label: 'Final', color: 'green', icon: IconFileCheck },
  AMENDED: { label: 'Amended', color: 'violet', icon: IconPencilCheck },
};

const PRIORITY: Record<string, Look> = {
  STAT: { label: 'STAT', color: 'red', icon: IconBolt },
  URGENT: { label: 'Urgent', color: 'orange', icon: IconClock },
  ROUTINE: { label: 'Routine', color: 'gray', icon: IconCircleDashed },
};

const ALERT_STATUS: Record<string, Look> = {
  OPEN: { label: 'Open', color: 'red', icon: IconAlertTriangle },
  ACKNOWLEDGED: { label: 'Acknowledged', color: 'yellow', icon: IconClock },
  CLOSED: { label: 'Closed', color: 'green', icon: IconCircleCheck },
};

const CATEGORY: Record<string, Look> = {
  RED: { label: 'Red · minutes', color: 'red', icon: IconFlame },
  ORANGE: { label: 'Orange · hours', color: 'orange', icon: IconAlertTriangle },
  YELLOW: { label: 'Yellow · days', color: 'yellow', icon: IconClock },
};

function lookOf(looks: Record<string, Look>, value: string): Look {
  return looks[value] ?? { label: value.replaceAll('_', ' ').toLowerCase(), color: 'gray', icon: IconCircleDashed };
}

function StateBadge({ look, quiet = false }: { look: Look; quiet?: boolean }) {
  const Icon = look.icon;
  return (
    <Badge color={look.color} variant={quiet ? 'transparent' : 'light'} leftSection={<Icon size={12} stroke={2} />} px={quiet ? 0 : undefined}>
      {look.label}
    </Badge>
  );
}

/**
 * Images are here from the first one on; ready for read is an order when somebody, or the count, has said that these are all.
 * An order ends with its first signature: that it was amended is known by its report.
 */
function orderLook({ status, readyForReadAt }: Standing, reportStatus?: Report['status']): Look {
  if (status === 'FINAL_REPORT' && reportStatus === 'AMENDED') return lookOf(REPORT_STATUS, reportStatus);
  if (status !== 'IMAGES_AVAILABLE' || readyForReadAt === undefined) return lookOf(ORDER_STATUS, status);
  return readyForReadAt ? READY : ARRIVING;
}

/** For those who examine, an exam that has not begun is more than scheduled. */
function examLook(exam: Exam): Look {
  if (exam.status !== 'SCHEDULED') return orderLook(exam);
  if (exam.screening?.passed === false) return TO_DECIDE;
  return exam.checkedInAt ? HERE : orderLook(exam);
}

/** With the status of the order's report, where the page has it. */
export function OrderStatusBadge({ order, reportStatus }: { order: Standing; reportStatus?: Report['status'] | undefined }) {
  return <StateBadge look={orderLook(order, reportStatus)} />;
}

export function ExamStatusBadge({ order }: { order: Exam }) {
  return <StateBadge look={examLook(order)} />;
}

export function ReportStatusBadge({ status }: { status: string }) {
  return <StateBadge look={lookOf(REPORT_STATUS, status)} />;
}

/** Routine is the ground that the other two stand out from, so it stays quiet. */
export function PriorityBadge({ priority }: { priority: string }) {
  return <StateBadge look={lookOf(PRIORITY, priority)} quiet={priority === 'ROUTINE'} />;
}

export function AlertStatusBadge({ status }: { status: string }) {
  return <StateBadge look={lookOf(ALERT_STATUS, status)} />;
}

export function CategoryBadge({ category }: { category: string }) {
  return <StateBadge look={lookOf(CATEGORY, category)} />;
}

export function orderStatusLabel(order: Standing, reportStatus?: Report['status']): string {
  return orderLook(order, reportStatus).label;
}

export function examStatusLabel(exam: Exam): string {
  return examLook(exam).label;
}
