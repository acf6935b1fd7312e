import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { refused, told } from '@shared/feedback/toasts';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

interface TakeBackProps {
  /** What follows from it. */
  note: string;
  undo: (reason: string) => Promise<unknown>;
  onDone: () => void;
}

/** Takes a decision of earlier back, with a reason. */
export function TakeBack({ note, undo, onDone }: TakeBackProps) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const [reason, setReason] = useState('');
  const takeBack = useMutation({
    mutationFn: () => undo(reason.trim()),
    onSuccess: () => {
      told('Taken back');
      setAsking(false);
      onDone();
      void queries.invalidateQueries({ queryKey: ['studies', 'list'] });
    },
    onError: (error) => refused(error, 'Not taken back'),
  });
  return (
    <>
      <Button variant="default" leftSection={<IconArrowBackUp size={14} />} onClick={() => setAsking(true)} style={{ flex: 'none' }}>
        Undo
      </Button>
      <Modal opened={isAsking} onClose={() => setAsking(false)} title="Take this decision back">
        <Stack gap="sm">
          <Text size="sm">{note}</Text>
          <TextInput label="Why" required value={reason} onChange={(event) => setReason(event.currentTarget.value)} data-autofocus />
          <Group justify="flex-end">
            <Button disabled={reason.trim() === ''} loading={takeBack.isPending} onClick={() => takeBack.mutate()}>
              Take back
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
