/** The line above a list that holds still: how much it lists, and what changed since it was laid out. */
import { Button, Group, Kbd, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useEffect } from 'react';

interface Listed {
  id: string;
  priority?: string;
}

interface ListHeadProps {
  summary: string;
  arrived: readonly Listed[];
  gone: readonly Listed[];
  /** What else an update brings, in the words of the list. */
  alsoWaits?: string;
  update: () => void;
  children?: ReactNode;
}

/** Its height is always the same: the list below must not move when something is told here. */
export function ListHead({ summary, arrived, gone, alsoWaits = '', update, children }: ListHeadProps) {
  useUpdateKey(update);
  return (
    <Group justify="space-between" h={36} mb={6} wrap="nowrap">
      <Group gap="xs" wrap="nowrap">
        <Text size="sm" c="var(--text-dim)" className="tabular">
          {summary}
        </Text>
        {/* The region is there before its content, so that a screen reader tells of what comes into it. */}
        <div aria-live="polite">
          <News arrived={arrived} gone={gone} alsoWaits={alsoWaits} update={update} />
        </div>
      </Group>
      {children}
    </Group>
  );
}

/** The reader decides when the list moves. */
function News({ arrived, gone, alsoWaits, update }: Required<Pick<ListHeadProps, 'arrived' | 'gone' | 'alsoWaits' | 'update'>>) {
  if (arrived.length === 0 && gone.length === 0 && !alsoWaits) return null;
  const stat = arrived.filter(({ priority }) => priority === 'STAT').length;
  const parts = [stat > 0 ? `${stat} STAT` : '', arrived.length > stat ? `${arrived.length - stat} new` : '', gone.length > 0 ? `${gone.length} gone` : '', alsoWaits];
  return (
    <Button
      variant="light"
      color={stat > 0 ? 'red' : 'sea'}
      leftSection={<IconRefresh size={14} />}
      rightSection={
        <Kbd size="xs" visibleFrom="sm" aria-hidden>
          U
        </Kbd>
      }
      aria-keyshortcuts="U"
      onClick={update}
    >
      {parts.filter(Boolean).join(' · ')}
    </Button>
  );
}

function useUpdateKey(update: () => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.target as HTMLElement).closest('input, textarea, [role=dialog], [role=listbox]') || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key.toLowerCase() === 'u') update();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  });
}
