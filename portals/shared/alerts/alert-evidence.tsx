/** Who was told of a critical finding, how, and what became of each try; the evidence that a review asks for. */
import { Button, Group, Stack, Text, Timeline, Title } from '@mantine/core';
import { IconBell, IconCheck, IconClock, IconMail, IconMessage, IconPhone, IconPhoneCall, IconX } from '@tabler/icons-react';
import type { ComponentType } from 'react';
import { useState } from 'react';
import type { Alert } from '../api/types';
import { channelLabel, lineOf } from './evidence-words';
import { useClock } from '../shell/portal-context';

const ICONS: Record<string, ComponentType<{ size?: number }>> = { IN_APP: IconBell, SMS: IconMessage, EMAIL: IconMail, VOICE: IconPhone };

interface Look {
  label: string;
  color: string;
  icon: ComponentType<{ size?: number }>;
}

const STATES: Record<string, Look> = {
  PENDING: { label: 'due', color: 'var(--text-dim)', icon: IconClock },
  SENDING: { label: 'being sent', color: 'var(--info)', icon: IconClock },
  SENT: { label: 'sent, not yet delivered', color: 'var(--warning)', icon: IconClock },
  DELIVERED: { label: 'delivered', color: 'var(--good)', icon: IconCheck },
  FAILED: { label: 'failed', color: 'var(--critical)', icon: IconX },
  UNKNOWN: { label: 'outcome unknown', color: 'var(--warning)', icon: IconClock },
  CANCELLED: { label: 'not needed any more', color: 'var(--text-dim)', icon: IconX },
};

/** In the app, what is sent waits for eyes; a call, for somebody to pick up, who has confirmed nothing by that; a mail server says no more than that it has taken the letter. */
const IN_CHANNEL: Record<string, Record<string, Partial<Look> & { label: string }>> = {
  IN_APP: { SENT: { label: 'not seen yet' }, DELIVERED: { label: 'seen' } },
  VOICE: { SENT: { label: 'called, not picked up yet' }, DELIVERED: { label: 'picked up', color: 'var(--text-dim)', icon: IconPhoneCall } },
  EMAIL: { SENT: { label: 'handed to the mail server', color: 'var(--text-dim)' } },
};

function stateOf({ channel, state }: Alert['attempts'][number], status: Alert['status']) {
  const said = STATES[state] ?? { label: state.toLowerCase(), color: 'var(--text-dim)', icon: IconClock };
  const isUnconfirmed = channel === 'VOICE' && state === 'DELIVERED' && status === 'OPEN';
  return { ...said, ...IN_CHANNEL[channel]?.[state], ...(isUnconfirmed && { color: 'var(--warning)' }), rest: isUnconfirmed ? ', not confirmed' : '' };
}

/** A ladder that nobody answers goes round and round: what counts now is how it goes now. */
const SHOWN_AT_ONCE = 8;

export function Attempts({ alert }: { alert: Alert }) {
  const clock = useClock();
  const [showsAll, showAll] = useState(false);
  const earlier = Math.max(0, alert.attempts.length - SHOWN_AT_ONCE);
  return (
    <Stack gap={4} component="ul" m={0} p={0} style={{ listStyle: 'none' }}>
      {earlier > 0 && (
        <li>
          <Button variant="subtle" size="compact-xs" ml={-8} aria-expanded={showsAll} onClick={() => showAll(!showsAll)}>
            {showsAll ? 'Only the latest' : `${earlier} earlier`}
          </Button>
        </li>
      )}
      {(showsAll ? alert.attempts : alert.attempts.slice(earlier)).map((attempt) => {
        const state = stateOf(attempt, alert.status);
        const Channel = ICONS[attempt.channel] ?? IconBell;
        const at = attempt.deliveredAt ?? attempt.sentAt ?? attempt.dueAt;
        return (
          <Group component="li" key={attempt.id} gap={8} wrap="nowrap">
            <Channel size={14} />
            <Text size="sm" style={{ flex: 1 }} truncate>
              {attempt.personName} · {channelLabel(attempt.channel)} {attempt.addressHint}
            </Text>
            <Group gap={4} c={state.color} wrap="nowrap">
              <state.icon size={13} />
              <Text span size="sm" className="tabular" style={{ whiteSpace: 'nowrap' }}>
                {state.label} {clock.near(at)}
                {state.rest}
              </Text>
            </Group>
          </Group>
        );
      })}
    </Stack>
  );
}

export function Evidence({ alert }: { alert: Alert }) {
  const clock = useClock();
  return (
    <>
      <Title order={3} mb="xs">
        Evidence
      </Title>
      <Timeline bulletSize={10} lineWidth={2} active={alert.evidence.length}>
        {alert.evidence.map((event, index) => (
          <Timeline.Item key={index} title={<Text size="sm">{lineOf(event).what}</Text>}>
            <Text size="xs" c="var(--text-dim)">
              {clock.dateTime(event.at)} {lineOf(event).detail}
            </Text>
          </Timeline.Item>
        ))}
      </Timeline>
    </>
  );
}
