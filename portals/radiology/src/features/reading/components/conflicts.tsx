import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { criticalFindingsQuery, templatesQuery } from '@shared/api/reports';
import type { Order } from '@shared/api/types';
import type { SectionConflict } from '@shared/drafts/merge';
import { keepBoth, putInstead } from '@shared/drafts/merge';
import type { ReportContent } from '@shared/report/content';
import { isWritten, SECTION_LABELS, sectionInWords } from '@shared/report/content';
import { IconGitMerge } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReportDraft } from '../domain/use-report-draft';

const labelOf = (section: keyof ReportContent): string => SECTION_LABELS[section] ?? String(section);

/** The sections in which words wait for their writer's decision, as `Findings, Impression`. */
export const undecided = ({ conflicts }: Pick<ReportDraft, 'conflicts'>): string => conflicts.map(({ section }) => labelOf(section)).join(', ');

/** Where two texts met in one section: the one is shown in it, the other is here until you decide. */
export function Conflicts({ draft, order }: { draft: ReportDraft; order: Order }) {
  const templates = useQuery(templatesQuery(order)).data?.items ?? [];
  const kinds = useQuery(criticalFindingsQuery).data?.items ?? [];
  const isOwn = draft.conflicts.every((conflict) => conflict.isOwn);
  return (
    <Alert data-undecided color="orange" p="xs" icon={<IconGitMerge size={18} />} title={isOwn ? 'You wrote this report in another tab too' : 'Somebody else saved this report meanwhile'}>
      <Stack gap="xs">
        {draft.conflicts.map((conflict) => (
          <Conflict key={String(conflict.section)} conflict={conflict} draft={draft} words={(value) => sectionInWords(conflict.section, value, templates, kinds)} />
        ))}
      </Stack>
    </Alert>
  );
}

interface ConflictProps {
  conflict: SectionConflict<ReportContent>;
  draft: ReportDraft;
  words: (value: unknown) => string;
}

function Conflict({ conflict: { section, yours, theirs, isOwn }, draft, words }: ConflictProps) {
  const isText = typeof yours === 'string' && typeof theirs === 'string' && isWritten(section);
  return (
    <div>
      <Text size="sm" fw={600}>
        {labelOf(section)}: {isOwn ? 'what the other tab says' : 'what you had written'}
      </Text>
      <Text size="sm" style={{ whiteSpace: 'pre-wrap', overflow: 'auto' }} mah={140} component="blockquote" m={0} pl={8}>
        {words(yours)}
      </Text>
      <Group gap={6} mt={4}>
        {isText && (
          <Button size="compact-xs" variant="default" onClick={() => draft.resolve(section, (present) => keepBoth(String(present), yours))}>
            {isOwn ? 'Add it below' : 'Add mine below theirs'}
          </Button>
        )}
        <Button size="compact-xs" variant="default" onClick={() => draft.resolve(section, (present) => putInstead(present, { yours, theirs }))}>
          {isOwn ? 'Use it instead' : 'Use mine'}
        </Button>
        <Button size="compact-xs" variant="default" onClick={() => draft.resolve(section)}>
          {isOwn ? 'Drop it' : 'Keep theirs'}
        </Button>
      </Group>
    </div>
  );
}
