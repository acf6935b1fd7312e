import { Button, Group, Menu, Paper, Stack, Text } from '@mantine/core';
import { studyQuery } from '@shared/api/studies';
import { reportQuery } from '@shared/api/reports';
import type { Order, PriorStudies, PriorStudySummary, Report } from '@shared/api/types';
import { refused, told } from '@shared/feedback/toasts';
import { SignedReport } from '@shared/report/signed-report';
import { Empty, Loaded } from '@shared/states/states';
import { ReportStatusBadge } from '@shared/theme/status';
import type { ViewerController } from '@shared/viewer/controller';
import { toStudyListing } from '@shared/viewer/study-listing';
import { IconColumns2, IconFileText, IconRowInsertTop } from '@tabler/icons-react';
import type { UseQueryResult } from '@tanstack/react-query';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { comparedWith, nameOf, quoting, TAKEN } from '../domain/prior-text';
import type { ReportDraft } from '../domain/use-report-draft';
import { PriorNotes } from './prior-notes';

interface PriorsProps {
  order: Order;
  viewer: ViewerController;
  draft: ReportDraft;
}

export function PriorsPanel({ query, order, viewer, draft }: PriorsProps & { query: UseQueryResult<PriorStudies, Error> }) {
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title="No prior studies">Nothing earlier of this patient is stored here.</Empty>
        ) : (
          <Stack gap="sm">
            {items.map((prior) => (
              <Prior key={prior.studyInstanceUid} order={order} prior={prior} viewer={viewer} draft={draft} />
            ))}
          </Stack>
        )
      }
    </Loaded>
  );
}

function Prior({ order, prior, viewer, draft }: PriorsProps & { prior: PriorStudySummary }) {
  const queries = useQueryClient();
  const [isReportShown, setReportShown] = useState(false);
  const compare = useMutation({
    mutationFn: async () => viewer.compareWith(toStudyListing(await queries.fetchQuery(studyQuery(prior.studyInstanceUid)), true)),
    onError: (error) => refused(error, 'The prior cannot be shown'),
  });
  const insert = () => {
    draft.change(comparedWith(draft.content, prior));
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
      <PriorNotes orderId={order.id} patientId={order.patient.id} prior={prior} />
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
      {isReportShown && prior.reportId && <PriorReport id={prior.reportId} prior={prior} draft={draft} />}
    </Paper>
  );
}

function PriorReport({ id, prior, draft }: { id: string; prior: PriorStudySummary; draft: ReportDraft }) {
  const query = useQuery(reportQuery(id));
  return (
    <div style={{ marginTop: 12 }}>
      <Loaded query={query}>
        {(report) => (
          <>
            <SignedReport report={report} />
            <TakeOver report={report} prior={prior} draft={draft} />
          </>
        )}
      </Loaded>
    </div>
  );
}

/** Words of an earlier report for the draft, under the name of the study that they are of. */
function TakeOver({ report, prior, draft }: { report: Report; prior: PriorStudySummary; draft: ReportDraft }) {
  const takeable = TAKEN.filter(({ from }) => report[from].trim() !== '');
  if (!draft.isReady || takeable.length === 0) return null;
  return (
    <Menu position="bottom-start">
      <Menu.Target>
        <Button mt="xs" variant="default" leftSection={<IconRowInsertTop size={14} />}>
          Take over…
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {takeable.map((part) => (
          <Menu.Item
            key={part.from}
            onClick={() => {
              draft.change(quoting(draft.content, prior, report, part));
              told(`Inserted into the ${part.into}`);
            }}
          >
            {part.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
