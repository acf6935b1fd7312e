import { Alert, Button, Group, Text, Textarea } from '@mantine/core';
import { priorStudiesQuery, writePriorNotes } from '@shared/api/studies';
import type { PriorStudySummary } from '@shared/api/types';
import { refused, told } from '@shared/feedback/toasts';
import { useMay } from '@shared/shell/portal-context';
import { IconNotes } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Writing } from '../domain/use-notes-draft';
import { useNotesDraft } from '../domain/use-notes-draft';

/** As many as one snapshot of a study can carry; more belongs into the report. */
const MOST_CHARACTERS = 2000;

type Noted = Pick<PriorStudySummary, 'studyInstanceUid' | 'comparedWith' | 'comparisonNotes' | 'notesVersion'>;

/** What readers note on an exam and one of its priors, for the next reader; no part of a report. */
export function PriorNotes({ orderId, patientId, prior }: { orderId: string; patientId: string; prior: Noted }) {
  const { studyInstanceUid: uid, comparedWith, comparisonNotes, notesVersion } = prior;
  const may = useMay();
  const queries = useQueryClient();
  const { queryKey } = priorStudiesQuery(patientId, orderId);
  const mayWrite = may('priors.note') && comparedWith;
  const { writing, write: setWriting, whereabouts } = useNotesDraft(mayWrite ? `notes-${comparedWith}-${uid}` : null, comparisonNotes);
  const read = { base: comparisonNotes, version: notesVersion };
  const save = useMutation({
    mutationFn: ({ text, version }: Writing) => writePriorNotes(comparedWith ?? '', uid, { comparisonNotes: text.trim(), expectedVersion: version }),
    onSuccess: ({ priors }) => {
      const noted = priors.find(({ studyInstanceUid }) => studyInstanceUid === uid);
      if (noted) queries.setQueryData(queryKey, (known) => known && { ...known, items: known.items.map((item) => (item.studyInstanceUid === uid ? { ...item, comparisonNotes: noted.comparisonNotes, notesVersion: noted.notesVersion } : item)) });
      setWriting(null);
      told('Notes saved');
    },
    onError: (error) => {
      refused(error, 'Notes not saved');
      void queries.invalidateQueries({ queryKey });
    },
  });
  const isOvertaken = writing !== null && writing.version !== notesVersion;

  return (
    <div style={{ marginTop: 8 }}>
      {comparisonNotes && (
        <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>
          <Text span fw={600} inherit>
            Notes:{' '}
          </Text>
          {comparisonNotes}
        </Text>
      )}
      {mayWrite && !writing && (
        <Button size="compact-xs" variant="subtle" leftSection={<IconNotes size={14} />} onClick={() => setWriting({ text: comparisonNotes, ...read })}>
          {comparisonNotes ? 'Change the notes' : 'Write notes'}
        </Button>
      )}
      {writing && (
        <>
          <Textarea label="Notes on this comparison" autosize minRows={2} maxRows={8} maxLength={MOST_CHARACTERS} mt={6} value={writing.text} onChange={(event) => setWriting({ ...writing, text: event.currentTarget.value })} />
          <Text size="xs" c="var(--text-dim)" role="status" mih={18}>
            {whereabouts}
          </Text>
          {isOvertaken && (
            <Alert color="yellow" p="xs" mt={6} title="Somebody else has written notes meanwhile">
              They stand above. Yours are not saved yet.
              <Group gap={6} mt={6}>
                <Button size="compact-xs" onClick={() => setWriting({ ...writing, ...read })}>
                  Go on with mine
                </Button>
                <Button size="compact-xs" variant="default" onClick={() => setWriting(null)}>
                  Keep theirs
                </Button>
              </Group>
            </Alert>
          )}
          <Group gap={6} mt={6}>
            <Button size="compact-sm" disabled={isOvertaken} loading={save.isPending} onClick={() => save.mutate(writing)}>
              Save the notes
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => setWriting(null)}>
              Cancel
            </Button>
          </Group>
        </>
      )}
    </div>
  );
}
