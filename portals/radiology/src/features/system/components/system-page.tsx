import { Alert, Button, Group, Paper, SimpleGrid, Stack, Table, Text, ThemeIcon, Title } from '@mantine/core';
import { deadLettersQuery, healthQuery, replay } from '@shared/api/operations';
import type { DeadLetters, SystemHealth } from '@shared/api/types';
import { refused, told } from '@shared/feedback/toasts';
import { Page } from '@shared/shell/page';
import { useClock, useMay } from '@shared/shell/portal-context';
import { Empty, Loaded } from '@shared/states/states';
import { IconAlertTriangle, IconCheck, IconRefresh, IconX } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { ComponentType } from 'react';

const LOOKS: Record<string, { word: string; color: string; icon: ComponentType<{ size?: number }> }> = {
  OK: { word: 'Works', color: 'green', icon: IconCheck },
  DEGRADED: { word: 'Slow', color: 'yellow', icon: IconAlertTriangle },
  DOWN: { word: 'Does not work', color: 'red', icon: IconX },
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

const KINDS: Record<string, string> = {
  'order.created': 'An order',
  'order.requested': 'A change of an order',
  'images.ingested': 'An image',
  'study.requested': 'A change of a study',
  'report.drafted': 'A draft report',
  'report.finalized': 'A signed report',
  'critical.finding': 'A critical finding',
  'alert.requested': 'An answer to an alert',
};

export function SystemPage() {
  const health = useQuery(healthQuery);
  const letters = useQuery(deadLettersQuery);
  return (
    <Page title="System" subtitle="What works now, and what needs a person">
      <Stack gap="lg">
        <Loaded query={health}>{(state) => <Parts state={state} />}</Loaded>
        <section aria-label="Could not be handled">
          <Title order={2} mb="xs">
            Could not be handled
          </Title>
          <Loaded query={letters}>{(list) => <Letters list={list} />}</Loaded>
        </section>
      </Stack>
    </Page>
  );
}

function Parts({ state }: { state: SystemHealth }) {
  const clock = useClock();
  return (
    <Stack gap="sm">
      {state.state === 'OK' ? (
        <Alert color="green" icon={<IconCheck size={18} />} title={`Everything works, ${clock.time(state.at)}`} />
      ) : (
        <Alert color="yellow" icon={<IconAlertTriangle size={18} />} title={state.state === 'DOWN' ? 'A part does not work' : 'A part is slow'}>
          Nothing that was accepted is lost. It is handled as soon as the part works again.
        </Alert>
      )}
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 4 }}>
        {state.processes.map((part) => {
          const look = LOOKS[part.state] ?? { word: part.state, color: 'gray', icon: IconAlertTriangle };
          const waiting = part.lag.reduce((sum, { records }) => sum + records, 0);
          return (
            <Paper key={part.name} p="md" bg="dark.6">
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

function Letters({ list }: { list: DeadLetters }) {
  const clock = useClock();
  const may = useMay();
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: (id: string) => replay(id),
    onSuccess: () => {
      told('It is tried again');
      void queries.invalidateQueries({ queryKey: ['operations'] });
    },
    onError: (error) => refused(error, 'Not tried again'),
  });
  if (list.items.length === 0) return <Empty title="Nothing was set aside">Whatever arrived could be handled.</Empty>;
  return (
    <Table aria-label="Could not be handled">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>When</Table.Th>
          <Table.Th>What</Table.Th>
          <Table.Th>Why</Table.Th>
          <Table.Th>
            <span className="visually-hidden">Actions</span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {list.items.map((letter) => (
          <Table.Tr key={letter.id}>
            <Table.Td className="tabular">{clock.dateTime(letter.at)}</Table.Td>
            <Table.Td>{KINDS[letter.topic.replace(/\.dead$/, '')] ?? letter.topic}</Table.Td>
            <Table.Td>{letter.reason}</Table.Td>
            <Table.Td ta="right">
              {may('dead_letters.replay') && (
                <Button variant="default" leftSection={<IconRefresh size={14} />} loading={again.isPending && again.variables === letter.id} onClick={() => again.mutate(letter.id)}>
                  Try again
                </Button>
              )}
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
