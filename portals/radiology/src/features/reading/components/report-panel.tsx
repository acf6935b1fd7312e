import { Alert, Button, Group, Kbd, Stack, Tabs, Text } from '@mantine/core';
import { useDidUpdate } from '@mantine/hooks';
import type { Order, Report, ViewerData } from '@shared/api/types';
import { takeLostFocus } from '@shared/focus/take-lost-focus';
import { SignedReport } from '@shared/report/signed-report';
import { useMay } from '@shared/shell/portal-context';
import { Empty, Failed, Loading } from '@shared/states/states';
import type { ViewerController } from '@shared/viewer/controller';
import { changedAfter } from '@shared/viewer/study-listing';
import { NEXT_CASE } from '@shared/worklist/cases';
import { IconPencil, IconPhotoExclamation, IconPlayerTrackNext } from '@tabler/icons-react';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useNextCase } from '../domain/use-next-case';
import type { KeptMeasurements } from '../domain/use-measurements';
import type { ReportDraft } from '../domain/use-report-draft';
import { ReportEditor } from './report-editor';
import classes from './reading.module.css';

interface ReportPanelProps {
  data: ViewerData;
  viewer: ViewerController;
  draft: ReportDraft;
  order: Order;
  kept: KeptMeasurements;
}

export function ReportPanel({ data, viewer, draft, order, kept }: ReportPanelProps) {
  const may = useMay();
  const [isAmending, setAmending] = useState(false);
  const isSigned = draft.report !== null && draft.report.status !== 'PRELIMINARY';
  const hasUnsigned = isSigned && may('report.sign') && (draft.isDirty || draft.conflicts.length > 0);
  const writes = may('report.draft') && (!isSigned || isAmending);
  const isWriting = writes && draft.isReady;
  const signed = useRef<HTMLElement>(null);
  // Where one wrote, the signed report stands now.
  useDidUpdate(() => {
    if (!isWriting) takeLostFocus(signed.current);
  }, [isWriting]);

  const body = () => {
    if (draft.error && !draft.report) return <Failed error={draft.error} />;
    if (!draft.isReady) return <Loading rows={6} height={48} />;
    if (draft.report && !writes) return <SignedReport report={draft.report} />;
    if (!may('report.draft')) return <Empty title="No report yet">The exam has not been reported.</Empty>;
    return null;
  };

  if (isWriting) {
    return (
      <Tabs.Panel value="report" className={classes.tabs}>
        <ReportEditor data={data} viewer={viewer} draft={draft} order={order} isAmending={isAmending} kept={kept} onDone={() => setAmending(false)} />
      </Tabs.Panel>
    );
  }
  return (
    <Tabs.Panel value="report" className={classes.tabs}>
      <section ref={signed} tabIndex={0} aria-label={isSigned ? 'Signed report' : 'Report'} className={classes.tab}>
        {hasUnsigned && <BegunAmendment draft={draft} onGoOn={() => setAmending(true)} />}
        {draft.report && <ChangedSinceSigning report={draft.report} data={data} />}
        {body()}
      </section>
      {isSigned && may('report.sign') && <AfterSigning orderId={order.id} onAmend={() => setAmending(true)} />}
    </Tabs.Panel>
  );
}

/** Words that are not part of the signed report are only in this browser, and must not be forgotten there. */
function BegunAmendment({ draft, onGoOn }: { draft: ReportDraft; onGoOn: () => void }) {
  return (
    <Alert color="sea" p="xs" mb="sm" icon={<IconPencil size={18} />} title="You have written more than was signed">
      It is kept in this browser, and no part of the report until you amend it.
      <Group gap={6} mt={6}>
        <Button size="compact-xs" onClick={onGoOn}>
          Go on amending
        </Button>
        <Button size="compact-xs" variant="default" onClick={draft.discard}>
          Discard it
        </Button>
      </Group>
    </Alert>
  );
}

/** A signed report speaks of the images that were there: who opens it must hear that they changed. */
function ChangedSinceSigning({ report, data }: { report: Report; data: ViewerData }) {
  const signature = report.versions.findLast((version) => version.signature)?.signature;
  if (!signature || !changedAfter(data.studies, signature.signedAt)) return null;
  return (
    <Alert color="yellow" p="xs" mb="sm" icon={<IconPhotoExclamation size={18} />} title="The images changed after this report was signed">
      Images arrived, or were taken out of the study. Look at it again, and amend the report if it no longer holds.
    </Alert>
  );
}

function AfterSigning({ orderId, onAmend }: { orderId: string; onAmend: () => void }) {
  const navigate = useNavigate();
  const next = useNextCase(orderId);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.target as HTMLElement).closest('input, textarea, [role=dialog], [role=listbox]') || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key.toLowerCase() === 'n' && next) void navigate({ to: '/read/$orderId', params: { orderId: next.id } });
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [navigate, next]);
  return (
    <Stack className={classes.actions} gap={6}>
      <Group justify="space-between">
        <Button variant="default" leftSection={<IconPencil size={15} />} onClick={onAmend}>
          Amend
        </Button>
        <Button title={NEXT_CASE} disabled={!next} leftSection={<IconPlayerTrackNext size={15} />} rightSection={<Kbd size="xs">N</Kbd>} onClick={() => next && void navigate({ to: '/read/$orderId', params: { orderId: next.id } })}>
          Read next case
        </Button>
      </Group>
      {!next && (
        <Text size="xs" c="var(--text-dim)" ta="right">
          No other case waits for you.
        </Text>
      )}
    </Stack>
  );
}
