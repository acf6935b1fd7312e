import { Text } from '@mantine/core';
import { countdown } from '@shared/time/countdown';
import { useNow } from '@shared/time/use-now';

/** `3:12 until Dr. Shah is told`: how long one has, and what happens then. */
export function Deadline({ at, from, then }: { at: string; from: string; then: string }) {
  const now = useNow();
  const left = countdown({ startedAt: Date.parse(from), dueAt: Date.parse(at), now });
  return (
    <Text span size="sm" className="tabular">
      {left.urgency === 'late' ? `${left.text}: ${then}` : `${left.text.replace(' left', '')} until ${then}`}
    </Text>
  );
}
