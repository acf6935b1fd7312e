import { Button, Checkbox, Group, Paper, Select, Stack, Textarea } from '@mantine/core';
import { useDidUpdate } from '@mantine/hooks';
import type { CriticalFindingKind } from '@shared/api/types';
import { told } from '@shared/feedback/toasts';
import { takeLostFocus } from '@shared/focus/take-lost-focus';
import { withCriticalKind } from '@shared/report/content';
import { CategoryBadge } from '@shared/theme/status';
import { IconBellRinging } from '@tabler/icons-react';
import { useRef } from 'react';
import { isStillNamed } from '../domain/raised';
import { useRaised } from '../domain/use-raised';
import type { ReportDraft } from '../domain/use-report-draft';
import type { ReportWarning } from '../domain/warnings';
import { NotRecalled, RaisedAlerts } from './raised-alerts';
import { Warnings } from './warnings';

interface CriticalSectionProps {
  draft: ReportDraft;
  orderId: string;
  catalogue: CriticalFindingKind[];
  /** Of the text that is sent from here: it must be right before the rest of the report is. */
  warnings: ReportWarning[];
  isSigned: boolean;
  /** Its fields have just been opened here. */
  onOpen: () => void;
}

/** Marks a finding that a doctor must hear of and confirm: with the signature, or at once. */
export function CriticalSection({ draft, orderId, catalogue, warnings, isSigned, onOpen }: CriticalSectionProps) {
  const { content, change } = draft;
  const raised = useRaised(draft, orderId);
  const { alerts, unknown, loadAgain } = raised;
  const named = alerts.filter(({ finding }) => isStillNamed(finding, content));
  const left = { alerts: alerts.filter((alert) => !named.includes(alert)), unknown: content.hasCriticalFindings ? ('' as const) : unknown, loadAgain };
  const state = useRef<HTMLDivElement>(null);
  // The button that raised it is gone.
  useDidUpdate(() => {
    if (raised.isTold) takeLostFocus(state.current);
  }, [raised.isTold]);
  const raise = async () => {
    if (!(await draft.save({ raiseCriticalNow: true }))) return;
    raised.noteRaised();
    told('The critical finding is on its way to the ordering doctor');
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
        {(left.alerts.length > 0 || left.unknown) && <NotRecalled {...left} />}
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
            <RaisedAlerts ref={state} alerts={named} unknown={unknown} loadAgain={loadAgain} />
            {!isSigned && !raised.isTold && (
              <Button color="red" variant="light" leftSection={<IconBellRinging size={15} />} disabled={!isComplete} loading={draft.isSaving || unknown === 'loading'} onClick={() => void raise()}>
                {raised.isChange ? 'Raise the changed finding' : 'Raise now, before the signature'}
              </Button>
            )}
          </>
        )}
      </Stack>
    </Paper>
  );
}
