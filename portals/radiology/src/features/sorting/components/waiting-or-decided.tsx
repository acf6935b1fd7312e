import { SegmentedControl, Stack } from '@mantine/core';
import { useState, type ReactNode } from 'react';

type Shown = 'waiting' | 'decided';

/** What waits for a decision, or what was decided and can be taken back. */
export function WaitingOrDecided({ label, children }: { label: string; children: Record<Shown, ReactNode> }) {
  const [shown, setShown] = useState<Shown>('waiting');
  return (
    <Stack gap="sm" align="stretch">
      <SegmentedControl
        aria-label={label}
        style={{ alignSelf: 'flex-start' }}
        value={shown}
        onChange={(value) => setShown(value as Shown)}
        data={[
          { value: 'waiting', label: 'To decide' },
          { value: 'decided', label: 'Decided' },
        ]}
      />
      {children[shown]}
    </Stack>
  );
}
