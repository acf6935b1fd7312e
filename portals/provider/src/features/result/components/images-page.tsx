/** The images of an order to look at; nothing can be drawn or changed here. */
import { Alert, Button, Center, Group, Loader, Menu, Stack, Tabs, Text, Title } from '@mantine/core';
import { reportOfOrderQuery } from '@shared/api/reports';
import { measurementsQuery, priorStudiesQuery, studyQuery } from '@shared/api/studies';
import type { PriorStudySummary, ViewerData } from '@shared/api/types';
import { refused } from '@shared/feedback/toasts';
import { SignedReport } from '@shared/report/signed-report';
import { useMay } from '@shared/shell/portal-context';
import { Empty, Loaded } from '@shared/states/states';
import { useCase } from '@shared/viewer/case-opening';
import { ViewerController } from '@shared/viewer/controller';
import type { MeasurementRecord } from '@shared/viewer/measurements';
import { hasImages, NoImages } from '@shared/viewer/no-images';
import { calendarDate, toStudyListing } from '@shared/viewer/study-listing';
import { Viewer } from '@shared/viewer/viewer';
import { IconArrowLeft, IconColumns2, IconDownload, IconFilePencil } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { archiveUrl } from '../domain/downloads';
import { imageCount } from '../domain/image-count';
import { PatientBanner } from './patient-banner';
import classes from './images.module.css';

export function ImagesPage() {
  const { orderId } = useParams({ from: '/images/$orderId' });
  const query = useCase(orderId);
  useEffect(() => {
    document.title = 'Images · Imaging';
  }, []);
  return (
    <>
      <Title order={1} className="visually-hidden">
        Images
      </Title>
      <Loaded query={query} what="order" skeleton={<Center h="100%"><Loader role="status" aria-label="Opening the images" /></Center>}>
        {(data) => <Images key={orderId} data={data} />}
      </Loaded>
    </>
  );
}

function Images({ data }: { data: ViewerData }) {
  const [viewer] = useState(() => new ViewerController({ readOnly: true }));
  useDrawings(viewer, data.order.id);

  useEffect(() => {
    void viewer.openExam(data.studies.map((study) => toStudyListing(study, false))).catch(() => viewer.notify('Some images could not be loaded. Reload the page to try again.'));
  }, [viewer, data.studies]);
  useEffect(() => () => viewer.dispose(), [viewer]);

  return (
    <div className={classes.page}>
      <div className={classes.top}>
        <Button component={Link} to="/orders/$orderId" params={{ orderId: data.order.id } as never} variant="default" leftSection={<IconArrowLeft size={15} />}>
          Order
        </Button>
        <PatientBanner order={data.order}>
          <Downloads data={data} />
        </PatientBanner>
      </div>
      <div className={classes.images}>{hasImages(data) ? <Viewer viewer={viewer} /> : <NoImages order={data.order} />}</div>
      <aside className={classes.panel} aria-label="Report and priors">
        <Side data={data} viewer={viewer} />
      </aside>
    </div>
  );
}

/** What the radiologist measured, drawn where it was measured. */
function useDrawings(viewer: ViewerController, orderId: string): void {
  const may = useMay()('measurements.read');
  const saved = useQuery({ ...measurementsQuery(orderId), enabled: may });
  useEffect(() => {
    if (!saved.data) return;
    const sets = saved.data.items.flatMap((item) => item.sets);
    void viewer.start().then(() => sets.forEach((set) => viewer.restore(set.annotations as unknown as MeasurementRecord[], { locked: true })));
  }, [viewer, saved.data]);
}

function Downloads({ data }: { data: ViewerData }) {
  return (
    <Menu position="bottom-end" width={250}>
      <Menu.Target>
        <Button variant="default" leftSection={<IconDownload size={15} />}>
          Download
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {data.studies.map((study) => (
          <Menu.Item key={study.studyInstanceUid} component="a" href={archiveUrl(study.studyInstanceUid)} download>
            {data.studies.length > 1 ? `${study.studyDescription || 'Study'} (zip)` : 'The whole study (zip)'}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Side({ data, viewer }: { data: ViewerData; viewer: ViewerController }) {
  return (
    <Tabs defaultValue="report" keepMounted={false}>
      <Tabs.List px={8}>
        <Tabs.Tab value="report">Report</Tabs.Tab>
        <Tabs.Tab value="priors">Earlier studies</Tabs.Tab>
      </Tabs.List>
      <Tabs.Panel value="report" p="sm">
        <ReportBeside orderId={data.order.id} />
      </Tabs.Panel>
      <Tabs.Panel value="priors" p="sm">
        <Priors data={data} viewer={viewer} />
      </Tabs.Panel>
    </Tabs>
  );
}

function ReportBeside({ orderId }: { orderId: string }) {
  const query = useQuery(reportOfOrderQuery(orderId));
  return (
    <Loaded query={query}>
      {(report) =>
        report ? (
          <SignedReport key={report.versions.length} report={report} />
        ) : (
          <Alert color="gray" icon={<IconFilePencil size={18} />} title="Not reported yet">
            No radiologist has reported on these images yet.
          </Alert>
        )
      }
    </Loaded>
  );
}

function Priors({ data, viewer }: { data: ViewerData; viewer: ViewerController }) {
  const query = useQuery(priorStudiesQuery(data.order.patient.id, data.order.id));
  return (
    <Loaded query={query}>
      {({ items }) =>
        items.length === 0 ? (
          <Empty title="No earlier studies">Nothing earlier that you ordered for this patient is stored here.</Empty>
        ) : (
          <Stack gap="sm">
            {items.map((prior) => (
              <Prior key={prior.studyInstanceUid} prior={prior} viewer={viewer} />
            ))}
          </Stack>
        )
      }
    </Loaded>
  );
}

function Prior({ prior, viewer }: { prior: PriorStudySummary; viewer: ViewerController }) {
  const queries = useQueryClient();
  const compare = useMutation({
    mutationFn: async () => viewer.compareWith(toStudyListing(await queries.fetchQuery(studyQuery(prior.studyInstanceUid)), true)),
    onError: (error) => refused(error, 'The earlier study cannot be shown'),
  });
  return (
    <Group justify="space-between" wrap="nowrap">
      <div style={{ minWidth: 0 }}>
        <Text size="sm" fw={600} truncate>
          {prior.studyDescription || prior.modality}
        </Text>
        <Text size="xs" c="var(--text-dim)">
          {prior.studyDate ? calendarDate(prior.studyDate) : 'no date'} · {imageCount(prior.numberOfInstances)}
        </Text>
      </div>
      <Button variant="default" leftSection={<IconColumns2 size={14} />} loading={compare.isPending} onClick={() => compare.mutate()}>
        Compare
      </Button>
    </Group>
  );
}
