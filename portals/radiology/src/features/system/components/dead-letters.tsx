import { Button, Stack, Table, Text } from '@mantine/core';
import { replay } from '@shared/api/operations';
import type { DeadLetters as Listing } from '@shared/api/types';
import { refused, told } from '@shared/feedback/toasts';
import { useClock, useMay } from '@shared/shell/portal-context';
import { Empty } from '@shared/states/states';
import { IconRefresh } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { causeOf, failedAgain, kindOf, waitsForDecision } from '../domain/dead-letters';

type Letter = Listing['items'][number];

/** What was set aside, newest first; the program's own words stay in small print for whoever mends it. */
export function DeadLetters({ list }: { list: Listing }) {
  if (list.items.length === 0) return <Empty title="Nothing was set aside">Whatever arrived could be handled.</Empty>;
  return (
    <Stack gap="xs">
      <Table.ScrollContainer minWidth={620}>
        <Table aria-label="Could not be handled" verticalSpacing="sm" style={{ verticalAlign: 'top' }}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th w={150}>When</Table.Th>
              <Table.Th w={170}>What</Table.Th>
              <Table.Th>Why, and what to do</Table.Th>
              <Table.Th w={170}>
                <span className="visually-hidden">Actions</span>
              </Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {list.items.map((letter) => (
              <Row key={letter.id} letter={letter} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {list.truncated && (
        <Text size="sm" c="var(--text-dim)">
          Only the newest {list.items.length} are listed.
        </Text>
      )}
    </Stack>
  );
}

function Row({ letter }: { letter: Letter }) {
  const clock = useClock();
  const { why, advice } = causeOf(letter.error);
  return (
    <Table.Tr>
      <Table.Td className="tabular">{clock.dateTime(letter.at)}</Table.Td>
      <Table.Td fw={600}>{kindOf(letter.topic)}</Table.Td>
      <Table.Td>
        {why} {advice}
        <Text size="xs" c="var(--text-dim)">
          {[letter.id, letter.error, letter.reason].filter(Boolean).join(' · ')}
        </Text>
      </Table.Td>
      <Table.Td ta="right">
        <Replay letter={letter} />
      </Table.Td>
    </Table.Tr>
  );
}

function Replay({ letter }: { letter: Letter }) {
  const clock = useClock();
  const may = useMay();
  const queries = useQueryClient();
  const again = useMutation({
    mutationFn: () => replay(letter.id),
    onSuccess: () => {
      told('It is tried again');
      return queries.invalidateQueries({ queryKey: ['operations'] });
    },
    onError: (error) => refused(error, 'Not tried again'),
  });
  return (
    <>
      {may('dead_letters.replay') && (
        <Button variant={waitsForDecision(letter) ? 'default' : 'subtle'} leftSection={<IconRefresh size={14} />} loading={again.isPending} onClick={() => again.mutate()}>
          Try again
        </Button>
      )}
      {letter.replayedAt && (
        <Text size="xs" c="var(--text-dim)" mt={2}>
          Tried again {clock.dateTime(letter.replayedAt)}
          {failedAgain(letter) && ', in vain'}
        </Text>
      )}
    </>
  );
}
