import { Box, Group, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { useEffect } from 'react';

/** Head and body of a page. `fill` gives the body all the height that is left, for tables and timelines. */
export function Page({ title, subtitle, actions, children, fill = false }: { title: string; subtitle?: ReactNode; actions?: ReactNode; children: ReactNode; fill?: boolean }) {
  useEffect(() => {
    // No patient is ever named in a window title.
    document.title = `${title} · Radiology`;
  }, [title]);
  return (
    <Box p="md" style={fill ? { display: 'flex', flexDirection: 'column', height: '100%', minHeight: 0 } : undefined}>
      <Group justify="space-between" align="flex-end" mb="sm" gap="sm">
        <div>
          <Title order={1}>{title}</Title>
          {subtitle && (
            <Text size="sm" c="var(--text-dim)" component="div">
              {subtitle}
            </Text>
          )}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {fill ? <Box style={{ flex: 1, minHeight: 0 }}>{children}</Box> : children}
    </Box>
  );
}
