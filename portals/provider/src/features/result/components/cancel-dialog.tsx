import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { accept, cancel } from '@shared/api/orders';
import type { Order } from '@shared/api/types';
import { refused, told } from '@shared/feedback/toasts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

export function CancelDialog({ order, isOpen, close }: { order: Order; isOpen: boolean; close: () => void }) {
  const queries = useQueryClient();
  const [reason, setReason] = useState('');
  const act = useMutation({
    mutationFn: () => cancel(order, reason.trim()),
    onSuccess: (cancelled) => {
      accept(queries, cancelled);
      told('The order is cancelled. The department knows.');
      close();
    },
    onError: (error) => {
      void queries.invalidateQueries({ queryKey: ['orders', 'one', order.id] });
      refused(error, 'Not cancelled');
    },
  });
  return (
    <Modal opened={isOpen} onClose={close} title="Cancel this order">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (reason.trim()) act.mutate();
        }}
      >
        <Stack gap="sm">
          <Text size="sm">
            {order.studyType} will not take place{order.appointment ? ', and its appointment is given to others' : ''}. This cannot be undone.
          </Text>
          <TextInput label="Why" required maxLength={255} data-autofocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Keep the order
            </Button>
            <Button type="submit" color="red.9" loading={act.isPending} disabled={reason.trim() === ''}>
              Cancel the order
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
