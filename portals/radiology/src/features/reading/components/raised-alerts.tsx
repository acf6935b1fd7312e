import { Alert as Notice, Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { standingOf } from '@shared/alerts/evidence-words';
import type { Alert } from '@shared/api/types';
import { useClock } from '@shared/shell/portal-context';
import { IconArrowBackUp, IconBellRinging } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import type { Ref } from 'react';
import type { Raised } from '../domain/use-raised';

const UNKNOWN: Record<Exclude<Raised['unknown'], ''>, string> = {
  loading: 'Raised · looking how it stands…',
  'no right': 'Raised. Your role does not show how it stands',
  failed: 'Raised. How it stands could not be loaded',
  'on its way': 'Raised · on its way to the ordering doctor',
};

type RaisedProps = Pick<Raised, 'alerts' | 'unknown' | 'loadAgain'>;

/** How far what was raised has come; here the keyboard goes on when the button that raised it is gone. */
export function RaisedAlerts({ ref, ...raised }: RaisedProps & { ref: Ref<HTMLDivElement> }) {
  return (
    <div role="status" tabIndex={-1} ref={ref} aria-label="What was raised">
      <Lines {...raised} />
    </div>
  );
}

/** Whoever takes the mark away must know that somebody is acting on it by now. */
export function NotRecalled(raised: RaisedProps) {
  return (
    <Notice color="yellow" p="xs" icon={<IconArrowBackUp size={18} />} title="The doctor has been told already">
      It is not recalled before the signature: signed without it, it is withdrawn, and whoever was told hears that.
      <Lines {...raised} />
    </Notice>
  );
}

function Lines({ alerts, unknown, loadAgain }: RaisedProps) {
  return (
    <Stack gap={6}>
      {alerts.map((alert) => (
        <Line key={alert.id} alert={alert} />
      ))}
      {unknown && (
        <Group gap="xs">
          <Text size="sm">{UNKNOWN[unknown]}</Text>
          {unknown === 'failed' && (
            <Button variant="default" size="compact-xs" onClick={loadAgain}>
              Try again
            </Button>
          )}
        </Group>
      )}
    </Stack>
  );
}

function Line({ alert }: { alert: Alert }) {
  const clock = useClock();
  const { id, finding, status } = alert;
  return (
    <Group gap={8} wrap="nowrap" align="flex-start">
      <IconBellRinging size={15} style={{ flex: 'none', marginTop: 3 }} aria-hidden />
      <div style={{ minWidth: 0 }}>
        <Text size="sm">{standingOf(alert, clock.near)}</Text>
        <Text size="xs" c="var(--text-dim)" lineClamp={2}>
          {finding.findingTitle}: {finding.text}
        </Text>
        {status !== 'CLOSED' && (
          <Anchor component={Link} to="/critical" hash={id} size="xs" c="var(--info)">
            On the board of critical findings
          </Anchor>
        )}
      </div>
    </Group>
  );
}
