import { Drawer, Group, Select, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { reportQuery, reportSearchQuery } from '@shared/api/reports';
import type { ReportSummary } from '@shared/api/types';
import { SignedReport } from '@shared/report/signed-report';
import { Page } from '@shared/shell/page';
import { PatientCell, patientLine } from '@shared/shell/patient';
import { useClock } from '@shared/shell/portal-context';
import { Empty, Loaded } from '@shared/states/states';
import type { Column } from '@shared/table/data-table';
import { DataTable } from '@shared/table/data-table';
import { ListHead } from '@shared/table/list-head';
import { summaryOf } from '@shared/table/steady';
import { useSteadyRows } from '@shared/table/use-steady-rows';
import { ReportStatusBadge } from '@shared/theme/status';
import { IconAlertTriangle, IconSearch } from '@tabler/icons-react';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useMemo, useState } from 'react';

const keyOf = (report: ReportSummary) => report.id;
const STATUSES = [
  { value: 'PRELIMINARY', label: 'Preliminary' },
  { value: 'FINAL', label: 'Final' },
  { value: 'AMENDED', label: 'Amended' },
];

/** What is looked for may name a patient, so it stays in this page and out of the address. */
export function ReportsPage() {
  const [text, setText] = useState('');
  const [patient, setPatient] = useState('');
  const [status, setStatus] = useState<string | null>(null);
  const [words] = useDebouncedValue({ text, patient }, 300);
  const [shown, setShown] = useState<ReportSummary | null>(null);
  const body = { pageSize: 200, text: words.text, patient: words.patient, ...(status ? { status: [status as 'FINAL'] } : {}) };
  const query = useQuery({ ...reportSearchQuery(body), placeholderData: keepPreviousData });
  return (
    <Page
      fill
      title="Reports"
      subtitle="Choose one to read it, alone or with its images"
      actions={
        <>
          <TextInput aria-label="Words in findings or impression" placeholder="Words in the report" leftSection={<IconSearch size={14} />} w={210} value={text} onChange={(event) => setText(event.currentTarget.value)} />
          <TextInput aria-label="Patient name or number" placeholder="Patient name or number" w={190} value={patient} onChange={(event) => setPatient(event.currentTarget.value)} />
          <Select aria-label="Status" placeholder="Any status" w={130} clearable clearButtonProps={{ 'aria-label': 'Any status' }} data={STATUSES} value={status} onChange={setStatus} />
        </>
      }
    >
      <Loaded query={query}>{(page) => <List reports={page.items} total={page.total} scope={JSON.stringify([body, query.isPlaceholderData])} onOpen={setShown} />}</Loaded>
      <Drawer opened={shown !== null} onClose={() => setShown(null)} position="right" size="lg" title={shown ? patientLine(shown.patient) : ''} closeButtonProps={{ 'aria-label': 'Close' }}>
        {shown && <Opened summary={shown} />}
      </Drawer>
    </Page>
  );
}

function List({ reports, total, scope, onOpen }: { reports: ReportSummary[]; total: number; scope: string; onOpen: (report: ReportSummary) => void }) {
  const clock = useClock();
  const steady = useSteadyRows(reports, scope, keyOf, total > reports.length);
  const columns = useMemo<Array<Column<ReportSummary>>>(
    () => [
      { id: 'when', header: 'Signed', width: '124px', cell: (report) => (report.signedAt ? clock.dateTime(report.signedAt) : 'not signed') },
      { id: 'status', header: 'Status', width: '106px', cell: (report) => <ReportStatusBadge status={report.status} /> },
      { id: 'patient', header: 'Patient', width: 'minmax(228px, 1.2fr)', cell: (report) => <PatientCell patient={report.patient} /> },
      { id: 'exam', header: 'Exam', width: 'minmax(170px, 1fr)', cell: (report) => report.studyType },
      {
        id: 'impression',
        header: 'Impression',
        width: 'minmax(200px, 2fr)',
        secondary: true,
        cell: (report) => (
          <>
            {report.hasCriticalFindings && <IconAlertTriangle size={13} color="var(--critical)" aria-label="Critical finding" style={{ verticalAlign: -2, marginRight: 4 }} />}
            {report.impression}
          </>
        ),
      },
      { id: 'by', header: 'Radiologist', width: '130px', secondary: true, cell: (report) => report.radiologistName },
      { id: 'number', header: 'Number', width: '150px', secondary: true, cell: (report) => report.reportNumber },
    ],
    [clock],
  );
  return (
    <div style={{ display: 'flex', flexDirection: 'column', height: '100%' }}>
      <ListHead summary={`${summaryOf({ shown: steady.rows.length, listed: reports.length, total }, ['report', 'reports'])}, newest first`} {...steady} />
      <div style={{ flex: 1, minHeight: 0 }}>
        <DataTable label="Reports" rows={steady.rows} columns={columns} rowKey={keyOf} onOpen={onOpen} onSelect={(report) => report && onOpen(report)} empty={<Empty title="No report fits">Try fewer words, or another status.</Empty>} />
      </div>
    </div>
  );
}

function Opened({ summary }: { summary: ReportSummary }) {
  const query = useQuery(reportQuery(summary.id));
  return (
    <>
      <Group justify="space-between" mb="sm">
        <Text size="sm">{summary.studyType}</Text>
        <Text component={Link} to={`/read/${summary.orderId}`} size="sm" c="var(--info)">
          Open with images
        </Text>
      </Group>
      <Loaded query={query}>{(report) => <SignedReport report={report} />}</Loaded>
    </>
  );
}
