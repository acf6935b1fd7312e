import { Button, Drawer, Group, Paper, SegmentedControl, Select, Stack, Text, Textarea, TextInput, Title } from '@mantine/core';
import { useInViewport, useMergedRef } from '@mantine/hooks';
import { Attempts, Evidence } from '@shared/alerts/alert-evidence';
import { channelLabel, wayOf } from '@shared/alerts/evidence-words';
import { FindingDialog, whose } from '@shared/alerts/finding-dialog';
import { HandOverForm } from '@shared/alerts/hand-over-form';
import { useVersionRead } from '@shared/alerts/use-version-read';
import { Withdrawn } from '@shared/alerts/withdrawn';
import { useReceipt } from '@shared/alerts/receipt';
import { acknowledge, alertsQuery, escalate } from '@shared/api/alerts';
import type { Alert } from '@shared/api/types';
import { refused, told } from '@shared/feedback/toasts';
import { takeLostFocus } from '@shared/focus/take-lost-focus';
import { Page } from '@shared/shell/page';
import { useClock, useMay, usePortal } from '@shared/shell/portal-context';
import { Empty, Loaded } from '@shared/states/states';
import { ListHead } from '@shared/table/list-head';
import { summaryOf } from '@shared/table/steady';
import { useSteadyRows } from '@shared/table/use-steady-rows';
import { AlertStatusBadge, CategoryBadge } from '@shared/theme/status';
import { CountdownLabel } from '@shared/time/countdown-label';
import { IconArrowUpRight, IconEye, IconListDetails, IconUserShare } from '@tabler/icons-react';
import { useMutation, useQuery } from '@tanstack/react-query';
import { Link, useLocation } from '@tanstack/react-router';
import { useCallback, useEffect, useRef, useState } from 'react';
import { whoConfirms } from '../domain/read-back';
import classes from './critical.module.css';

type Shown = 'open' | 'closed';
const keyOf = (alert: Alert) => alert.id;
const STATUSES = { open: ['OPEN', 'ACKNOWLEDGED'], closed: ['CLOSED'] } as const;

export function CriticalPage() {
  const [shown, setShown] = useState<Shown>('open');
  const query = useQuery(alertsQuery([...STATUSES[shown]]));
  return (
    <Page
      title="Critical findings"
      subtitle="A finding is closed only when its doctor has repeated it back"
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Which findings"
          value={shown}
          onChange={(value) => setShown(value as Shown)}
          data={[
            { value: 'open', label: 'Not closed' },
            { value: 'closed', label: 'Closed' },
          ]}
        />
      }
    >
      <Loaded query={query}>
        {(page) => <Board alerts={page.items} total={page.total} shown={shown} />}
      </Loaded>
    </Page>
  );
}

function Board({ alerts, total, shown }: { alerts: Alert[]; total: number; shown: Shown }) {
  const steady = useSteadyRows(alerts, shown, keyOf, total > alerts.length);
  const { length } = steady.rows;
  if (length === 0) return <Empty title={shown === 'open' ? 'Every critical finding is confirmed' : 'None closed yet'} />;
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
  const [dialog, setDialog] = useState<'evidence' | 'escalate' | 'hand-over' | 'read-back' | null>(null);
  const may = useMay();
  const { finding, status } = alert;
  const { ref, inViewport } = useInViewport();
  const card = useRef<HTMLElement>(null);
  const place = useMergedRef(ref, card);
  useReceipt(alert, inViewport);
  const isWanted = useLocation({ select: ({ hash }) => hash === alert.id });
  // A report leads to its own card, which comes in view with the focus.
  useEffect(() => {
    if (isWanted) card.current?.focus();
  }, [isWanted]);
  const stay = useCallback(() => takeLostFocus(card.current), []);
  useEffect(() => {
    if (isGone) stay();
  }, [isGone, stay]);
  const close = () => setDialog(null);
  return (
    <Paper ref={place} tabIndex={-1} p="md" component="article" aria-label={finding.findingTitle} className={classes.card} data-status={status}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Title order={2} fz={15}>
            {finding.findingTitle}
          </Title>
          <Text size="sm" truncate>
            {whose(alert)}
          </Text>
          <Text size="xs" c="var(--text-dim)" truncate>
            {alert.studyType || `${finding.modality} ${finding.bodyPart}`} · {finding.orderNumber}
          </Text>
        </div>
        <Stack gap={4} align="flex-end" style={{ flex: 'none' }}>
          <AlertStatusBadge status={status} />
          <CategoryBadge category={finding.category} />
        </Stack>
      </Group>
      <Withdrawn finding={finding} />
      <Text size="sm" my="xs" lineClamp={3} style={{ whiteSpace: 'pre-wrap' }}>
        {finding.text}
      </Text>
      <Deadline alert={alert} />
      <div className={classes.attempts}>
        <Attempts alert={alert} />
      </div>
      {isGone ? (
        <Text size="sm" c="var(--text-dim)" mt="auto" pt="sm">
          No longer in this list
        </Text>
      ) : (
        <Group gap={6} mt="auto" pt="sm">
          <Button component={Link} to={`/read/${finding.orderId}`} variant="default" px="sm" leftSection={<IconEye size={14} />}>
            Images and report
          </Button>
          <Button variant="default" px="sm" leftSection={<IconListDetails size={14} />} onClick={() => setDialog('evidence')}>
            Evidence
          </Button>
          {status === 'OPEN' && may('alert.escalate') && (
            <Button variant="default" px="sm" leftSection={<IconArrowUpRight size={14} />} onClick={() => setDialog('escalate')}>
              Escalate
            </Button>
          )}
          {status !== 'CLOSED' && may('alert.hand_over') && (
            <Button variant="default" px="sm" leftSection={<IconUserShare size={14} />} onClick={() => setDialog('hand-over')}>
              Hand over
            </Button>
          )}
          {status !== 'CLOSED' && may('alert.acknowledge') && <Button px="sm" onClick={() => setDialog('read-back')}>Record read-back</Button>}
        </Group>
      )}
      <Drawer opened={dialog === 'evidence'} onClose={close} title={finding.findingTitle} position="right" closeButtonProps={{ 'aria-label': 'Close' }}>
        <Text size="sm" mb="md">
          {whose(alert)}
        </Text>
        <Ladder alert={alert} />
        <Evidence alert={alert} />
      </Drawer>
      <FindingDialog alert={alert} opened={dialog === 'escalate'} onClose={close} title="Escalate now">
        <EscalateForm alert={alert} onDone={close} />
      </FindingDialog>
      <FindingDialog alert={alert} opened={dialog === 'hand-over'} onClose={close} title="Hand over">
        <HandOverForm alert={alert} onDone={close} />
      </FindingDialog>
      <FindingDialog alert={alert} opened={dialog === 'read-back'} onClose={close} onExitTransitionEnd={stay} title="Read-back">
        <ReadBackForm alert={alert} onDone={close} />
      </FindingDialog>
    </Paper>
  );
}

function Deadline({ alert }: { alert: Alert }) {
  const clock = useClock();
  if (alert.status === 'OPEN') {
    return (
      <Group gap="md">
        <CountdownLabel startedAt={alert.openedAt} dueAt={alert.acknowledgeBy} />
        <Text size="sm" c="var(--text-dim)">
          {alert.responsibleName ? `With ${alert.responsibleName}` : ''}
          {alert.nextStepAt ? ` · next step ${clock.near(alert.nextStepAt)}` : ''}
        </Text>
      </Group>
    );
  }
  const { acknowledgement } = alert;
  return (
    <Stack gap={0}>
      {acknowledgement && (
        <Text size="sm">
          Acknowledged by {acknowledgement.personName}, {wayOf(acknowledgement)}, {clock.dateTime(acknowledgement.at)}
        </Text>
      )}
      {alert.readBackText && <Text size="sm">Read back: “{alert.readBackText}”</Text>}
    </Stack>
  );
}

function Ladder({ alert }: { alert: Alert }) {
  return (
    <Stack gap={4} mb="lg">
      <Title order={3}>Ladder, as it was when the alert began</Title>
      {alert.ladder.map((step) => (
        <Text key={step.number} size="sm" fw={step.number === alert.currentStep ? 650 : 400}>
          {step.number}. {step.personName}: {step.channels.map((channel) => channelLabel(channel)).join(', ')}
          {step.afterSeconds > 0 ? `, after ${Math.round(step.afterSeconds / 60)} min` : ', at once'}
          {step.number === alert.currentStep ? ' (now)' : ''}
        </Text>
      ))}
    </Stack>
  );
}

function EscalateForm({ alert, onDone }: { alert: Alert; onDone: () => void }) {
  const [reason, setReason] = useState('');
  const next = alert.ladder.find((step) => step.number === alert.currentStep + 1) ?? alert.ladder[0];
  const go = useMutation({
    mutationFn: () => escalate(alert.id, reason.trim()),
    onSuccess: () => {
      told('Escalated');
      onDone();
    },
    onError: (error) => refused(error, 'Not escalated'),
  });
  return (
    <Stack gap="sm">
      <Text size="sm">{next ? `${next.personName} is told now, without waiting.` : 'The next person is told now.'}</Text>
      <TextInput label="Why" value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
      <Group justify="flex-end">
        <Button color="red.9" onClick={() => go.mutate()} loading={go.isPending}>
          Escalate
        </Button>
      </Group>
    </Stack>
  );
}

/** Who confirmed the finding says it here himself, or to the one who called him and writes it down. */
function ReadBackForm({ alert, onDone }: { alert: Alert; onDone: () => void }) {
  const { me } = usePortal();
  const people = whoConfirms(alert, me.id);
  const [who, setWho] = useState(people[0]?.id ?? null);
  const [text, setText] = useState('');
  const { versionRead, onWriting, readAgain } = useVersionRead(alert);
  const record = useMutation({
    mutationFn: () => acknowledge(alert.id, text.trim(), versionRead, who === me.id ? '' : (who ?? '')),
    onSuccess: () => {
      told('Closed with read-back');
      onDone();
    },
    onError: (error) => {
      readAgain();
      refused(error, 'Not recorded');
    },
  });
  return (
    <Stack gap="sm">
      <Select
        label="Who confirmed it"
        description="Somebody else must be told first: hand the finding over"
        required
        allowDeselect={false}
        data={people.map(({ id, name }) => ({ value: id, label: id === me.id ? `${name} (I take it)` : name }))}
        value={who}
        onChange={setWho}
      />
      <Textarea
        label="What was repeated"
        required
        autosize
        minRows={3}
        value={text}
        onChange={(event) => {
          setText(event.currentTarget.value);
          onWriting(event.currentTarget.value);
        }}
        data-autofocus
      />
      <Group justify="flex-end">
        <Button disabled={!who || text.trim() === ''} onClick={() => record.mutate()} loading={record.isPending}>
          Close the finding
        </Button>
      </Group>
    </Stack>
  );
}
