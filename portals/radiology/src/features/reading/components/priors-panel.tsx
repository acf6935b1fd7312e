import { Button, Group, Paper, Stack, Text } from '@mantine/core';
import { priorStudiesQuery, studyQuery } from '@shared/api/studies';
import { reportQuery } from '@shared/api/reports';
import type { Order, PriorStudySummary } from '@shared/api/types';
import { refused, told } from '@shared/feedback/toasts';
import { withLine } from '@shared/report/content';
import { SignedReport } from '@shared/report/signed-report';
import { Empty, Loaded } from '@shared/states/states';
import { ReportStatusBadge } from '@shared/theme/status';
import type { ViewerController } from '@shared/viewer/controller';
import { calendarDate, toStudyListing } from '@shared/viewer/study-listing';
import { IconColumns2, IconFileText, IconRowInsertTop } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { ReportDraft } from '../domain/use-report-draft';

interface PriorsPanelProps {
  order: Order;
  viewer: ViewerController;
  draft: ReportDraft;
}

export function PriorsPanel({ order, viewer, draft }: PriorsPanelProps) {
  const query = useQuery(priorStudiesQuery(order.patient.id, order.id));
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title="No prior studies">Nothing earlier of this patient is stored here.</Empty>
        ) : (
          <Stack gap="sm">
            {items.map((prior) => (
              <Prior key={prior.studyInstanceUid} prior={prior} viewer={viewer} draft={draft} />
            ))}
          </Stack>
        )
      }
    </Loaded>
  );
}

/** `CT Thorax, 3 Sep 2025`: as a comparison names a study. */
function nameOf(prior: PriorStudySummary): string {
  const what = prior.studyDescription || `${prior.modality} ${prior.bodyPart}`.trim();
  return prior.studyDate ? `${what}, ${calendarDate(prior.studyDate)}` : what;
}

function Prior({ prior, viewer, draft }: { prior: PriorStudySummary; viewer: ViewerController; draft: ReportDraft }) {
  const queries = useQueryClient();
  const [isReportShown, setReportShown] = useState(false);
  const compare = useMutation({
    mutationFn: async () => viewer.compareWith(toStudyListing(await queries.fetchQuery(studyQuery(prior.studyInstanceUid)), true)),
    onError: (error) => refused(error, 'The prior cannot be shown'),
  });
  const insert = () => {
    draft.change({ comparison: withLine(draft.content.comparison, `${nameOf(prior)}.`) });
    told('Inserted into the comparison');
  };
  return (
    <Paper p="sm" bg="dark.7">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Text size="md" fw={600}>
            {nameOf(prior)}
          </Text>
          <Text size="xs" c="var(--text-dim)">
            {prior.modality} · {prior.numberOfSeries} series · {prior.numberOfInstances} images
          </Text>
        </div>
        {prior.reportStatus && <ReportStatusBadge status={prior.reportStatus} />}
      </Group>
      {prior.impression && (
        <Text size="sm" mt={6} style={{ whiteSpace: 'pre-wrap' }}>
          {prior.impression}
        </Text>
      )}
      <Group gap={6} mt="xs">
        <Button variant="default" leftSection={<IconColumns2 size={14} />} loading={compare.isPending} onClick={() => compare.mutate()}>
          Compare
        </Button>
        <Button variant="default" leftSection={<IconRowInsertTop size={14} />} disabled={!draft.isReady} onClick={insert}>
          Insert
        </Button>
        {prior.reportId && (
          <Button variant="default" leftSection={<IconFileText size={14} />} aria-expanded={isReportShown} onClick={() => setReportShown(!isReportShown)}>
            Report
          </Button>
        )}
      </Group>
      {isReportShown && prior.reportId && <PriorReport id={prior.reportId} />}
    </Paper>
  );
}

function PriorReport({ id }: { id: string }) {
  const query = useQuery(reportQuery(id));
  return (
    <div style={{ marginTop: 12 }}>
      <Loaded query={query}>{(report) => <SignedReport report={report} />}</Loaded>
    </div>
  );
}
