import { Button, Modal, SegmentedControl, Stack, Table, Text } from '@mantine/core';
import { useDidUpdate } from '@mantine/hooks';
import { deadLettersQuery, reopen, replay, settle } from '@shared/api/operations';
import type { DeadLetters as Listing } from '@shared/api/types';
import { GiveReason } from '@shared/feedback/give-reason';
import { refused, told } from '@shared/feedback/toasts';
import { takeLostFocus } from '@shared/focus/take-lost-focus';
import { useClock, useMay } from '@shared/shell/portal-context';
import { Empty, Loaded } from '@shared/states/states';
import { IconArrowBackUp, IconCheck, IconRefresh } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { causeOf, failedAgain, kindOf, waitsForDecision } from '../domain/dead-letters';

type Letter = Listing['items'][number];
type Shown = 'open' | 'settled';

/** The two lists, and the decision that moves a message from the one to the other. */
const LISTS = {
  open: {
    empty: <Empty title="Nothing is open">Whatever arrived could be handled, or is dealt with.</Empty>,
    decide: settle,
    button: 'Dealt with',
    icon: IconCheck,
    title: 'Dealt with otherwise',
    note: 'It is not tried again, and leaves this list. It stands under “Dealt with” with your name and this reason, and can be taken back there.',
    done: 'It is dealt with',
    failed: 'Not noted',
  },
  settled: {
    empty: <Empty title="Nothing was dealt with otherwise" />,
    decide: reopen,
    button: 'Take back',
    icon: IconArrowBackUp,
    title: 'Take this back',
    note: 'It is open again, and waits for a decision.',
    done: 'Taken back',
    failed: 'Not taken back',
  },
};

/** What was set aside and is open, or what a person has dealt with otherwise. */
export function DeadLetters() {
  const [shown, setShown] = useState<Shown>('open');
  return (
    <Stack gap="sm">
      <SegmentedControl
        aria-label="Which messages"
        style={{ alignSelf: 'flex-start' }}
        value={shown}
        onChange={(value) => setShown(value as Shown)}
        data={[
          { value: 'open', label: 'Open' },
          { value: 'settled', label: 'Dealt with' },
        ]}
      />
      <Letters key={shown} shown={shown} />
    </Stack>
  );
}

function Letters({ shown }: { shown: Shown }) {
  const words = LISTS[shown];
  const clock = useClock();
  const queries = useQueryClient();
  const query = useQuery(deadLettersQuery(shown === 'settled'));
  const [asked, setAsked] = useState<Letter | null>(null);
  const [decided, setDecided] = useState<Letter | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const isGone = decided !== null && query.data?.items.every(({ id }) => id !== decided.id);
  useDidUpdate(() => {
    if (isGone) takeLostFocus(frame.current);
  }, [isGone]);
  const decision = useMutation({
    mutationFn: ({ letter, reason }: { letter: Letter; reason: string }) => words.decide(letter.id, reason),
    onSuccess: (_, { letter }) => {
      told(words.done);
      setAsked(null);
      setDecided(letter);
    },
    onError: (error) => refused(error, words.failed),
    // Refused too: somebody else may have decided, which is shown then.
    onSettled: () => queries.invalidateQueries({ queryKey: ['operations'] }),
  });
  return (
    <div ref={frame} tabIndex={-1}>
      <Loaded query={query}>{(list) => (list.items.length === 0 ? words.empty : <List list={list} shown={shown} onDecide={setAsked} />)}</Loaded>
      <Modal opened={asked !== null} onClose={() => setAsked(null)} title={words.title}>
        <GiveReason of={asked ? `${kindOf(asked.topic)}, ${clock.dateTime(asked.at)}` : ''} note={words.note} label="Why" action={words.button} isBusy={decision.isPending} onReason={(reason) => asked && decision.mutate({ letter: asked, reason })} />
      </Modal>
    </div>
  );
}

interface ListProps {
  list: Listing;
  shown: Shown;
  onDecide: (letter: Letter) => void;
}

/** Newest first; the program's own words stay in small print for whoever mends it. */
function List({ list, shown, onDecide }: ListProps) {
  const may = useMay();
  const { button, icon: Icon } = LISTS[shown];
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
              <Table.Tr key={letter.id}>
                <Facts letter={letter} />
                <Table.Td>
                  <Stack gap={4} align="flex-end">
                    {shown === 'open' && <Replay letter={letter} />}
                    {may('dead_letters.settle') && (
                      <Button variant="subtle" leftSection={<Icon size={14} />} onClick={() => onDecide(letter)}>
                        {button}
                      </Button>
                    )}
                  </Stack>
                </Table.Td>
              </Table.Tr>
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

function Facts({ letter }: { letter: Letter }) {
  const clock = useClock();
  const { why, advice } = causeOf(letter.error);
  const { settled } = letter;
  return (
    <>
      <Table.Td className="tabular">{clock.dateTime(letter.at)}</Table.Td>
      <Table.Td fw={600}>{kindOf(letter.topic)}</Table.Td>
      <Table.Td>
        {why} {settled ? `Dealt with by ${settled.by}, ${clock.dateTime(settled.at)}: ${settled.reason}` : advice}
        <Text size="xs" c="var(--text-dim)">
          {[letter.id, letter.error, letter.reason].filter(Boolean).join(' · ')}
        </Text>
      </Table.Td>
    </>
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
        <Text size="xs" c="var(--text-dim)">
          Tried again {clock.dateTime(letter.replayedAt)}
          {failedAgain(letter) && ', in vain'}
        </Text>
      )}
    </>
  );
}
