import { Group, Text } from '@mantine/core';
import { IconPlugConnectedX } from '@tabler/icons-react';
import { useEffect, useState } from 'react';
import { useLiveState } from '../live/live';

/** A blink of the network is no news: the banner comes when the line has been away for this long. */
const PATIENCE_MS = 2500;

/** Says that what is shown may be old. It lies over the page's edge and moves nothing. */
export function ConnectionBanner() {
  const state = useLiveState();
  const [isShown, setShown] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setShown(state !== 'live'), state === 'live' ? 0 : PATIENCE_MS);
    return () => clearTimeout(timer);
  }, [state]);
  if (!isShown) return null;
  return (
    <Group
      role="status"
      gap={8}
      px="md"
      py={6}
      style={{ position: 'fixed', zIndex: 400, bottom: 12, left: '50%', transform: 'translateX(-50%)', borderRadius: 6, background: '#4a3505', border: '1px solid #8a6a14', color: '#ffe3a3' }}
    >
      <IconPlugConnectedX size={16} aria-hidden />
      <Text size="sm">No live connection. What you see may be old; what you type is kept. Reconnecting…</Text>
    </Group>
  );
}
