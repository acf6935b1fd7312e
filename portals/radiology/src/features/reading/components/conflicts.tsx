import { Alert, Button, Group, Stack, Text } from '@mantine/core';
import { keepBoth } from '@shared/drafts/merge';
import type { ReportContent } from '@shared/report/content';
import { TEXT_SECTIONS } from '@shared/report/content';
import { IconGitMerge } from '@tabler/icons-react';
import type { ReportDraft } from '../domain/use-report-draft';

const labelOf = (section: keyof ReportContent): string => TEXT_SECTIONS.find(({ id }) => id === section)?.label ?? 'Critical finding';
const asText = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Where somebody else saved the same section: theirs is shown, yours is here until you decide. */
export function Conflicts({ draft }: { draft: ReportDraft }) {
  return (
    <Alert color="orange" p="xs" icon={<IconGitMerge size={18} />} title="Somebody else saved this report meanwhile">
      <Stack gap="xs">
        {draft.conflicts.map(({ section, yours, theirs }) => (
          <div key={String(section)}>
            <Text size="sm" fw={600}>
              {labelOf(section)}: what you had written
            </Text>
            <Text size="sm" style={{ whiteSpace: 'pre-wrap' }} mah={140} component="blockquote" m={0} pl={8}>
              {asText(yours)}
            </Text>
            <Group gap={6} mt={4}>
              {typeof yours === 'string' && typeof theirs === 'string' && (
                <Button size="compact-xs" variant="default" onClick={() => draft.resolve(section, keepBoth(theirs, yours))}>
                  Add mine below theirs
                </Button>
              )}
              <Button size="compact-xs" variant="default" onClick={() => draft.resolve(section, yours)}>
                Use mine
              </Button>
              <Button size="compact-xs" variant="default" onClick={() => draft.resolve(section)}>
                Keep theirs
              </Button>
            </Group>
          </div>
        ))}
      </Stack>
    </Alert>
  );
}
