import { Button } from '@mantine/core';
import { refused, told } from '@shared/feedback/toasts';
import { IconArrowBackUp } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ItemDialog } from './item-dialog';
import type { Received } from './reason-form';
import { ReasonForm } from './reason-form';

interface TakeBackProps {
  of: Received;
  /** What follows from it. */
  note: string;
  undo: (reason: string) => Promise<unknown>;
  onDone: () => void;
}

/** Takes a decision of earlier back, with a reason. */
export function TakeBack({ of, note, undo, onDone }: TakeBackProps) {
  const queries = useQueryClient();
  const [isAsking, setAsking] = useState(false);
  const takeBack = useMutation({
    mutationFn: undo,
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
      <ItemDialog opened={isAsking} onClose={() => setAsking(false)} title="Take this decision back">
        <ReasonForm of={of} note={note} label="Why" action="Take back" isBusy={takeBack.isPending} onReason={takeBack.mutate} />
      </ItemDialog>
    </>
  );
}
