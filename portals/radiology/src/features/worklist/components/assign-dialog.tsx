import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { assign } from '@shared/api/orders';
import type { Order } from '@shared/api/types';
import { refused } from '@shared/feedback/toasts';
import type { Chosen } from '@shared/people/person-select';
import { PersonSelect } from '@shared/people/person-select';
import { patientLine } from '@shared/shell/patient';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';

const READERS = { role: 'RADIOLOGIST' as const };

export function AssignDialog({ order, onClose }: { order: Order | null; onClose: () => void }) {
  return (
    <Modal opened={order !== null} onClose={onClose} title="Assign" size="sm">
      {order && <AssignForm order={order} onDone={onClose} />}
    </Modal>
  );
}

/** Who is chosen has the case at once: another choice takes it back as easily. */
function AssignForm({ order, onDone }: { order: Order; onDone: () => void }) {
  const queries = useQueryClient();
  const { assignedRadiologistId: id, assignedRadiologistName: name } = order;
  const [reader, setReader] = useState<Chosen | null>(id ? { id, name } : null);
  const give = useMutation({
    mutationFn: (to: Chosen | null) => assign(order, to?.id ?? null),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['orders', 'list'] });
      onDone();
    },
    onError: (error) => refused(error, 'Not assigned'),
  });
  const giveTo = (to: Chosen | null) => {
    setReader(to);
    give.mutate(to);
  };
  return (
    <Stack gap="sm">
      <Text size="sm">
        {patientLine(order.patient)} · {order.studyType}
      </Text>
      <PersonSelect label="Reader" value={reader} onChange={(person) => person && giveTo(person)} among={READERS} data-autofocus />
      {id && (
        <Group justify="flex-end">
          <Button variant="default" loading={give.isPending} onClick={() => giveTo(null)}>
            Assign to nobody
          </Button>
        </Group>
      )}
    </Stack>
  );
}
