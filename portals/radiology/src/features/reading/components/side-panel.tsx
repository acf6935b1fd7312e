import { Tabs } from '@mantine/core';
import { priorStudiesQuery } from '@shared/api/studies';
import type { ViewerData } from '@shared/api/types';
import type { ViewerController } from '@shared/viewer/controller';
import { useViewer } from '@shared/viewer/use-viewer';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { Claim } from '../domain/use-claim';
import type { KeptMeasurements } from '../domain/use-measurements';
import { useReportDraft } from '../domain/use-report-draft';
import { ExamDetails } from './exam-details';
import { MeasurementList } from './measurement-list';
import { PriorsPanel } from './priors-panel';
import { ReportPanel } from './report-panel';
import classes from './reading.module.css';

interface SidePanelProps {
  data: ViewerData;
  viewer: ViewerController;
  claim: Claim;
  kept: KeptMeasurements;
}

export function SidePanel({ data, viewer, claim, kept }: SidePanelProps) {
  const [tab, setTab] = useState<string | null>('report');
  const draft = useReportDraft(data.order.id, claim, data.studies);
  const priors = useQuery(priorStudiesQuery(data.order.patient.id, data.order.id));
  const count = useViewer(viewer, (state) => state.measurements.length);
  return (
    <aside className={classes.panel} aria-label="Report">
      <Tabs value={tab} onChange={setTab} className={classes.tabs} keepMounted={false} keepMountedMode="display-none">
        <Tabs.List px={8}>
          <Tabs.Tab value="report">Report</Tabs.Tab>
          <Tabs.Tab value="priors">Priors{priors.data && priors.data.items.length > 0 ? ` (${priors.data.items.length})` : ''}</Tabs.Tab>
          <Tabs.Tab value="measurements">Measurements{count > 0 ? ` (${count})` : ''}{kept.isWaiting || kept.error ? ' – not saved' : ''}</Tabs.Tab>
          <Tabs.Tab value="exam">Exam</Tabs.Tab>
        </Tabs.List>
        <ReportPanel data={data} viewer={viewer} draft={draft} order={claim.order} kept={kept} />
        {/* Notes that somebody writes there stay while he looks at another tab, and are kept in the browser; those of before come back. */}
        <Tabs.Panel value="priors" className={classes.tab} keepMounted>
          <PriorsPanel query={priors} order={data.order} viewer={viewer} draft={draft} />
        </Tabs.Panel>
        <Tabs.Panel value="measurements" className={classes.tab}>
          <MeasurementList viewer={viewer} draft={draft} kept={kept} />
        </Tabs.Panel>
        <Tabs.Panel value="exam" className={classes.tab}>
          <ExamDetails data={data} />
        </Tabs.Panel>
      </Tabs>
    </aside>
  );
}
