import { Button, Checkbox, Group, Paper, Select, Stack, Textarea } from '@mantine/core';
import type { CriticalFindingKind } from '@shared/api/types';
import { told } from '@shared/feedback/toasts';
import { withCriticalKind } from '@shared/report/content';
import { CategoryBadge } from '@shared/theme/status';
import { IconBellRinging } from '@tabler/icons-react';
import type { ReportDraft } from '../domain/use-report-draft';
import type { ReportWarning } from '../domain/warnings';
import { Warnings } from './warnings';

interface CriticalSectionProps {
  draft: ReportDraft;
  catalogue: CriticalFindingKind[];
  /** Of the text that is sent from here: it must be right before the rest of the report is. */
  warnings: ReportWarning[];
  isSigned: boolean;
  /** Its fields have just been opened here. */
  onOpen: () => void;
}

/** Marks a finding that a doctor must hear of and confirm: with the signature, or at once. */
export function CriticalSection({ draft, catalogue, warnings, isSigned, onOpen }: CriticalSectionProps) {
  const { content, change } = draft;
  const raise = async () => {
    if (await draft.save({ raiseCriticalNow: true })) told('The critical finding is on its way to the ordering doctor');
  };
  const isComplete = content.criticalFindingCode !== '' && content.criticalFindingsText.trim() !== '';
  return (
    <Paper p="sm" data-section="critical" bg={content.hasCriticalFindings ? 'rgb(70 18 22 / 45%)' : 'dark.7'}>
      <Stack gap="xs">
        <Checkbox
          size="xs"
          color="red"
          label="Critical finding: the ordering doctor must be told and confirm"
          checked={content.hasCriticalFindings}
          onChange={({ currentTarget: { checked } }) => {
            change({ hasCriticalFindings: checked });
            if (checked) onOpen();
          }}
        />
        {content.hasCriticalFindings && (
          <>
            <Group gap="xs" align="flex-end" wrap="nowrap">
              <Select
                label="Finding"
                required
                searchable
                // Whoever is led here sees the other fields too, and not a list over them.
                openOnFocus={false}
                style={{ flex: 1 }}
                data={catalogue.map(({ code, title }) => ({ value: code, label: title }))}
                value={content.criticalFindingCode || null}
                onChange={(code) => {
                  const kind = catalogue.find((one) => one.code === code);
                  if (kind) change(withCriticalKind(content, kind));
                }}
              />
              {content.criticalCategory && <CategoryBadge category={content.criticalCategory} />}
            </Group>
            <Textarea label="What the doctor must know" required autosize minRows={2} value={content.criticalFindingsText} onChange={(event) => change({ criticalFindingsText: event.currentTarget.value })} />
            <Warnings warnings={warnings} />
            {!isSigned && (
              <Button color="red" variant="light" leftSection={<IconBellRinging size={15} />} disabled={!isComplete} loading={draft.isSaving} onClick={() => void raise()}>
                Raise now, before the signature
              </Button>
            )}
          </>
        )}
      </Stack>
    </Paper>
  );
}
