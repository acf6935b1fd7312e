/** One critical finding to answer: take it with a read-back, or say whose it is. */
import { Anchor, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { whose } from '@shared/alerts/finding-dialog';
import { useReceipt } from '@shared/alerts/receipt';
import { HandOverForm } from '@shared/alerts/hand-over-form';
import { Withdrawn } from '@shared/alerts/withdrawn';
import type { Alert } from '@shared/api/types';
import { useClock, useMay, usePortal } from '@shared/shell/portal-context';
import { CategoryBadge } from '@shared/theme/status';
import { IconArrowLeft, IconFileText, IconUserShare } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import clsx from 'clsx';
import { useState } from 'react';
import { deadlineOf, dutyOf } from '../domain/duties';
import { AnswerForm } from './answer-form';
import { Deadline } from './deadline';
import classes from './critical.module.css';

interface CriticalDialogProps {
  alert: Alert | null;
  others: Alert[];
  show: (id: string) => void;
  close: () => void;
}

export function CriticalDialog({ alert, others, show, close }: CriticalDialogProps) {
  return (
    <Modal
      opened={alert !== null}
      onClose={close}
      size={560}
      closeOnClickOutside={false}
      title={alert ? `Critical finding: ${alert.finding.findingTitle}` : ''}
      classNames={{ header: classes.dialogHead, title: classes.dialogTitle, content: clsx(classes.dialog, classes.answer) }}
      closeButtonProps={{ 'aria-label': 'Put aside; it stays on top of every page' }}
    >
      {alert && <Answer key={alert.id} alert={alert} others={others} show={show} close={close} />}
    </Modal>
  );
}

function Answer({ alert, others, show, close }: CriticalDialogProps & { alert: Alert }) {
  const [isHandingOver, setHandingOver] = useState(false);
  const { me } = usePortal();
  const may = useMay();
  useReceipt(alert);
  return (
    <Stack gap="sm" pt="sm">
      <Finding alert={alert} close={close} />
      {isHandingOver ? (
        <div className={classes.handOver}>
          <Button variant="subtle" size="compact-sm" mb="xs" leftSection={<IconArrowLeft size={14} />} onClick={() => setHandingOver(false)}>
            Back
          </Button>
          <HandOverForm alert={alert} onDone={close} />
        </div>
      ) : (
        <>
          <AnswerForm alert={alert} duty={dutyOf(alert, me.id) ?? 'acknowledge'} onDone={close} />
          {may('alert.hand_over') && (
            <Group justify="space-between" className={classes.otherWay}>
              <Button variant="subtle" leftSection={<IconUserShare size={15} />} onClick={() => setHandingOver(true)}>
                Not my patient: hand over to…
              </Button>
              <Button variant="subtle" color="gray" onClick={close}>
                Put aside
              </Button>
            </Group>
          )}
        </>
      )}
      {others.length > 0 && (
        <div>
          <Text size="sm" c="var(--text-dim)">
            Also waiting
          </Text>
          {others.map((other) => (
            <Anchor key={other.id} component="button" type="button" display="block" ta="left" size="sm" c="var(--info)" onClick={() => show(other.id)}>
              {other.finding.findingTitle}: {whose(other)}
            </Anchor>
          ))}
        </div>
      )}
    </Stack>
  );
}

function Finding({ alert, close }: { alert: Alert; close: () => void }) {
  const clock = useClock();
  const { finding } = alert;
  return (
    <>
      <div>
        <Text size="lg" fw={650}>
          {whose(alert)}
        </Text>
        <Text size="sm" c="var(--text-dim)">
          {alert.studyType || `${finding.modality} ${finding.bodyPart}`} · {finding.orderNumber}
        </Text>
      </div>
      <Withdrawn finding={finding} />
      <Text size="lg" className={classes.finding}>
        {finding.text}
      </Text>
      <Group gap="md">
        <CategoryBadge category={finding.category} />
        <Text size="sm" c="var(--text-dim)">
          Found by {finding.foundBy.name}, {clock.near(finding.foundAt)}
        </Text>
        <span className={classes.clock}>
          <Deadline {...deadlineOf(alert)} />
        </span>
      </Group>
      <Anchor component={Link} to="/orders/$orderId" params={{ orderId: finding.orderId } as never} onClick={close} size="sm" c="var(--info)">
        <IconFileText size={14} style={{ verticalAlign: -2 }} aria-hidden /> See report and images first; this stays on top
      </Anchor>
    </>
  );
}
