import { Group, Text } from '@mantine/core';
import { IconAlarm, IconAlertOctagon, IconHourglass } from '@tabler/icons-react';
import { countdown } from './countdown';
import { useNow } from './use-now';

const LOOKS = {
  calm: { color: 'var(--text-dim)', icon: IconHourglass },
  soon: { color: 'var(--warning)', icon: IconAlarm },
  late: { color: 'var(--critical)', icon: IconAlertOctagon },
};

/** A live countdown. It is not announced every second: a screen reader reads it when it gets there. */
export function CountdownLabel({ startedAt, dueAt }: { startedAt: string; dueAt: string }) {
  const now = useNow();
  const left = countdown({ startedAt: Date.parse(startedAt), dueAt: Date.parse(dueAt), now });
  const Icon = LOOKS[left.urgency].icon;
  return (
    <Group gap={4} wrap="nowrap" c={LOOKS[left.urgency].color} className="tabular">
      <Icon size={14} aria-hidden />
      <Text span size="sm" fw={left.urgency === 'calm' ? 400 : 600} inherit={false} style={{ whiteSpace: 'nowrap' }}>
        {left.text}
      </Text>
    </Group>
  );
}
