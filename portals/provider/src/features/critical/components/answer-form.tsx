import { Button, Group, Stack, Text, Textarea } from '@mantine/core';
import { acknowledge, readBackFinding } from '@shared/api/alerts';
import { useVersionRead } from '@shared/alerts/use-version-read';
import type { Alert } from '@shared/api/types';
import { refused, told } from '@shared/feedback/toasts';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Duty } from '../domain/duties';
import { isReadBack } from '../domain/duties';
import classes from './critical.module.css';

/** Repeat the finding in own words: only that proves that it was understood, and closes the alert. */
export function AnswerForm({ alert, duty, onDone }: { alert: Alert; duty: Duty; onDone: () => void }) {
  const queries = useQueryClient();
  const [text, setText] = useState('');
  const [isMissing, setMissing] = useState(false);
  const { versionRead, onWriting, readAgain } = useVersionRead(alert);
  const act = useMutation({
    mutationFn: (readBack: string) =>
      duty === 'read-back' ? readBackFinding(alert.id, readBack, versionRead) : acknowledge(alert.id, readBack, versionRead),
    onSuccess: (_, readBack) => {
      void queries.invalidateQueries({ queryKey: ['alerts'] });
      told(readBack ? 'Acknowledged and read back. The radiologist sees it.' : 'You have taken it. Please read it back as soon as you can.');
      onDone();
    },
    onError: (error) => {
      readAgain();
      void queries.invalidateQueries({ queryKey: ['alerts'] });
      refused(error, 'Not recorded');
    },
  });
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isReadBack(text)) return act.mutate(text.trim());
        setMissing(true);
        event.currentTarget.querySelector('textarea')?.focus();
      }}
    >
      <Stack gap="xs">
        <Textarea
          label="Read-back: what did you understand, and what will you do?"
          description="In your own words, as you would say it on the phone"
          required
          autosize
          minRows={2}
          maxLength={2000}
          data-autofocus
          error={isMissing && !isReadBack(text) ? 'Please repeat the finding in a few words.' : undefined}
          value={text}
          onChange={(event) => {
            setText(event.currentTarget.value);
            onWriting(event.currentTarget.value);
          }}
        />
        {duty === 'read-back' && (
          <Text size="sm" c="var(--text-dim)">
            You have taken responsibility; the alert is closed by your read-back.
          </Text>
        )}
        <Group justify="flex-end" className={classes.actions}>
          {duty === 'acknowledge' && (
            <Button variant="default" disabled={act.isPending} onClick={() => act.mutate('')}>
              I take it, read-back later
            </Button>
          )}
          <Button type="submit" loading={act.isPending}>
            {duty === 'read-back' ? 'Read back' : 'Acknowledge and read back'}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
