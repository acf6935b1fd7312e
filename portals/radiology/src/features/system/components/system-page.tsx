import { Alert, Group, Paper, SimpleGrid, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { deadLettersQuery, healthQuery } from '@shared/api/operations';
import type { SystemHealth } from '@shared/api/types';
import { Page } from '@shared/shell/page';
import { useClock } from '@shared/shell/portal-context';
import { Loaded } from '@shared/states/states';
import { IconAlertTriangle, IconCheck, IconX } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ComponentType } from 'react';
import { stateTitle, waitsForDecision } from '../domain/dead-letters';
import { DeadLetters } from './dead-letters';

const LOOKS: Record<string, { word: string; color: string; icon: ComponentType<{ size?: number }> }> = {
  OK: { word: 'Works', color: 'green', icon: IconCheck },
  DEGRADED: { word: 'Late', color: 'yellow', icon: IconAlertTriangle },
  DOWN: { word: 'Stands still', color: 'red', icon: IconX },
};

/** What the parts of the system do for a clinician; the programs' own names stay in small print. */
const PARTS: Record<string, string> = {
  order_consumer: 'Orders and appointments',
  ingest_worker: 'Images',
  report_consumer: 'Reports',
  alert_worker: 'Critical alerts',
  alert_watchdog: 'Watch over alerts',
  gateway_dimse: 'Images from scanners',
  gateway: 'This portal',
};

export function SystemPage() {
  const health = useQuery(healthQuery);
  const letters = useQuery(deadLettersQuery());
  return (
    <Page title="System" subtitle="What works now, and what needs a person">
      <Stack gap="lg">
        <Loaded query={health}>{(state) => <Parts state={state} setAside={(letters.data?.items ?? []).filter(waitsForDecision).length} />}</Loaded>
        <section aria-label="Could not be handled">
          <Title order={2} mb="xs">
            Could not be handled
          </Title>
          <DeadLetters />
        </section>
      </Stack>
    </Page>
  );
}

function Parts({ state, setAside }: { state: SystemHealth; setAside: number }) {
  const clock = useClock();
  return (
    <Stack gap="sm">
      {state.state === 'OK' ? (
        <Alert color={setAside > 0 ? 'yellow' : 'green'} icon={<IconCheck size={18} />} title={stateTitle(clock.time(state.at), setAside)} />
      ) : (
        <Alert color="yellow" icon={<IconAlertTriangle size={18} />} title={state.state === 'DOWN' ? 'A part stands still' : 'A part is late'}>
          Nothing that was accepted is lost. It is handled as soon as the part works again.
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }}>
        {state.processes.map((part) => {
          const look = LOOKS[part.state] ?? { word: part.state, color: 'gray', icon: IconAlertTriangle };
          const waiting = part.lag.reduce((sum, { records }) => sum + records, 0);
          return (
            <Paper key={part.name} component="article" aria-label={PARTS[part.name] ?? part.name} p="md" bg="dark.6">
              <Group gap="sm" wrap="nowrap">
                <ThemeIcon color={look.color} variant="light" aria-hidden>
                  <look.icon size={16} />
                </ThemeIcon>
                <div>
                  <Text fw={600}>{PARTS[part.name] ?? part.name}</Text>
                  <Text size="xs" c="var(--text-dim)">
                    {look.word}
                    {waiting > 0 ? ` · ${waiting} waiting` : ''}
                  </Text>
                </div>
              </Group>
              <Text size="sm" mt="xs">
                {part.sentence}
              </Text>
            </Paper>
          );
        })}
      </SimpleGrid>
    </Stack>
  );
}
