/** All critical findings that this person was told of: what is to be done, and what was, with its evidence. */
import { Button, Collapse, Group, Paper, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import { Attempts, Evidence } from '@shared/alerts/alert-evidence';
import { wayOf } from '@shared/alerts/evidence-words';
import { FindingDialog, whose } from '@shared/alerts/finding-dialog';
import { HandOverForm } from '@shared/alerts/hand-over-form';
import { Withdrawn } from '@shared/alerts/withdrawn';
import { alertsQuery } from '@shared/api/alerts';
import type { Alert } from '@shared/api/types';
import { Page } from '@shared/shell/page';
import { useClock, usePortal } from '@shared/shell/portal-context';
import { Empty, Loaded } from '@shared/states/states';
import { ListHead } from '@shared/table/list-head';
import { summaryOf } from '@shared/table/steady';
import { useSteadyRows } from '@shared/table/use-steady-rows';
import { AlertStatusBadge, CategoryBadge } from '@shared/theme/status';
import { IconChevronDown, IconChevronUp, IconFileText, IconUserShare } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { deadlineOf, dutyOf } from '../domain/duties';
import { AnswerForm } from './answer-form';
import { Deadline } from './deadline';
import classes from './critical.module.css';

const keyOf = (alert: Alert) => alert.id;
const SHOWN = { open: ['OPEN', 'ACKNOWLEDGED'], closed: ['CLOSED'] } as const;

export function CriticalPage() {
  const [shown, setShown] = useState<keyof typeof SHOWN>('open');
  const query = useQuery(alertsQuery([...SHOWN[shown]], true));
  return (
    <Page
      title="Critical findings"
      subtitle="Each is closed by a read-back: what was found, in your own words"
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Which findings"
          value={shown}
          onChange={(value) => setShown(value as keyof typeof SHOWN)}
          data={[
            { value: 'open', label: 'Not closed' },
            { value: 'closed', label: 'Closed' },
          ]}
        />
      }
    >
      <Loaded query={query}>
        {({ items, total }) => <Cards alerts={items} total={total} shown={shown} />}
      </Loaded>
    </Page>
  );
}

function Cards({ alerts, total, shown }: { alerts: Alert[]; total: number; shown: keyof typeof SHOWN }) {
  const steady = useSteadyRows(alerts, shown, keyOf, total > alerts.length);
  const { length } = steady.rows;
  if (length === 0 && shown === 'closed') return <Empty title="None closed yet" />;
  if (length === 0) return <Empty title="No critical finding waits for you">When one does, it appears on top of every page, and you are told by phone and mail.</Empty>;
  return (
    <>
      <ListHead summary={summaryOf({ shown: length, listed: alerts.length, total }, ['finding', 'findings'])} {...steady} />
      <div className={classes.cards}>
        {steady.rows.map((alert) => (
          <AlertCard key={alert.id} alert={alert} isGone={steady.gone.includes(alert)} />
        ))}
      </div>
    </>
  );
}

/** A card that is gone from the list stays until the reader lays the list out again, and offers nothing. */
function AlertCard({ alert, isGone }: { alert: Alert; isGone: boolean }) {
  const { me } = usePortal();
  const [dialog, setDialog] = useState<'answer' | 'hand-over' | null>(null);
  const [hasEvidence, showEvidence] = useState(false);
  const duty = dutyOf(alert, me.id);
  const close = () => setDialog(null);
  const { finding } = alert;
  return (
    <Paper component="article" aria-label={`${finding.findingTitle}, ${finding.orderNumber}`} p="md" className={classes.card} data-duty={duty ?? undefined}>
      <Group justify="space-between" align="flex-start" wrap="nowrap">
        <div style={{ minWidth: 0 }}>
          <Title order={2} fz={15}>
            {finding.findingTitle}
          </Title>
          <Text size="sm">{whose(alert)}</Text>
          <Text size="xs" c="var(--text-dim)">
            {alert.studyType || `${finding.modality} ${finding.bodyPart}`} · {finding.orderNumber}
          </Text>
        </div>
        <Stack gap={4} align="flex-end" style={{ flex: 'none' }}>
          <AlertStatusBadge status={alert.status} />
          <CategoryBadge category={finding.category} />
        </Stack>
      </Group>
      <Withdrawn finding={finding} />
      <Text my="xs" style={{ whiteSpace: 'pre-wrap' }}>
        {finding.text}
      </Text>
      <Standing alert={alert} />
      {isGone ? (
        <Text size="sm" c="var(--text-dim)" mt="sm">
          No longer in this list
        </Text>
      ) : (
        <Group gap={6} mt="sm">
          {duty && <Button onClick={() => setDialog('answer')}>{duty === 'read-back' ? 'Read back' : 'Answer'}</Button>}
          {duty && (
            <Button variant="default" leftSection={<IconUserShare size={14} />} onClick={() => setDialog('hand-over')}>
              Hand over
            </Button>
          )}
          <Button component={Link} to="/orders/$orderId" params={{ orderId: finding.orderId } as never} variant="default" leftSection={<IconFileText size={14} />}>
            Report and images
          </Button>
          <Button variant="subtle" color="gray" aria-expanded={hasEvidence} rightSection={hasEvidence ? <IconChevronUp size={14} /> : <IconChevronDown size={14} />} onClick={() => showEvidence(!hasEvidence)}>
            Who was told, and how
          </Button>
        </Group>
      )}
      <Collapse expanded={hasEvidence}>
        <Stack gap="md" pt="sm">
          <Attempts alert={alert} />
          <div>
            <Evidence alert={alert} />
          </div>
        </Stack>
      </Collapse>
      <FindingDialog alert={alert} opened={dialog === 'answer'} onClose={close} title={finding.findingTitle} size={520} classNames={{ content: classes.answer }}>
        {duty && <AnswerForm alert={alert} duty={duty} onDone={close} />}
      </FindingDialog>
      <FindingDialog alert={alert} opened={dialog === 'hand-over'} onClose={close} title="Not my patient: hand over" size={520} classNames={{ content: classes.answer }}>
        <HandOverForm alert={alert} onDone={close} />
      </FindingDialog>
    </Paper>
  );
}

/** Who has it now, and until when. */
function Standing({ alert }: { alert: Alert }) {
  const clock = useClock();
  const { acknowledgement } = alert;
  return (
    <Stack gap={2}>
      {alert.status !== 'CLOSED' && (
        <span className={classes.clock}>
          <Deadline {...deadlineOf(alert)} />
        </span>
      )}
      {alert.status === 'OPEN' && alert.responsibleName && <Text size="sm">With {alert.responsibleName}</Text>}
      {acknowledgement && (
        <Text size="sm">
          Acknowledged by {acknowledgement.personName}, {wayOf(acknowledgement)}, {clock.dateTime(acknowledgement.at)}
        </Text>
      )}
      {alert.readBackText && (
        <Text size="sm">
          Read back{alert.readBackAt ? `, ${clock.dateTime(alert.readBackAt)}` : ''}: “{alert.readBackText}”
        </Text>
      )}
    </Stack>
  );
}
