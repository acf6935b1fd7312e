/** A signed or preliminary report to read, with its chain of versions and their differences. Text is text: nothing in it is markup. */
import { Alert, Anchor, Box, Group, Select, Stack, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconFilePencil } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useState } from 'react';
import type { Report, ReportVersion } from '../api/types';
import { Difference } from '../diff/difference';
import { useClock } from '../shell/portal-context';
import { ReportStatusBadge } from '../theme/status';
import { COMPARED } from './content';

interface SignedReportProps {
  report: Report;
  /** Open an amended report with what changed since the version that was signed before. */
  showChanges?: boolean;
  /** The way to the document, where it is another than a look at it. */
  pdf?: ReactNode;
}

export function SignedReport({ report, showChanges = false, pdf }: SignedReportProps) {
  const clock = useClock();
  const current = report.versions.at(-1);
  const earlier = report.versions.slice(0, -1).filter((version) => version.signature);
  const [compareWith, setCompareWith] = useState<string | null>(showChanges ? (earlier.at(-1)?.id ?? null) : null);
  const base = earlier.find((version) => version.id === compareWith);
  if (!current) return null;
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Group gap="xs">
          <ReportStatusBadge status={report.status} />
          <Text size="sm" c="var(--text-dim)" className="tabular">
            {report.reportNumber}
          </Text>
        </Group>
        {report.pdfUrl &&
          (pdf ?? (
            <Anchor href={report.pdfUrl} target="_blank" rel="noopener" size="sm" c="var(--info)">
              PDF
            </Anchor>
          ))}
      </Group>
      {report.status === 'PRELIMINARY' && (
        <Alert color="orange" icon={<IconFilePencil size={18} />} title="Preliminary report">
          Not signed yet. It may change.
        </Alert>
      )}
      {report.amendmentReason && (
        <Alert color="violet" title="Amended">
          {report.amendmentReason}
        </Alert>
      )}
      {report.hasCriticalFindings && (
        <Alert color="red" icon={<IconAlertTriangle size={18} />} title="Critical finding">
          <Text size="sm" style={{ whiteSpace: 'pre-wrap' }}>
            {report.criticalFindingsText}
          </Text>
        </Alert>
      )}
      {earlier.length > 0 && (
        <Select
          label="Compare with"
          placeholder="An earlier version"
          clearable
          clearButtonProps={{ 'aria-label': 'Do not compare' }}
          data={earlier.map((version) => ({ value: version.id, label: `Version ${version.number} · ${clock.dateTime(version.createdAt)}` }))}
          value={compareWith}
          onChange={setCompareWith}
        />
      )}
      <Sections version={current} {...(base ? { base } : {})} />
      <Signatures report={report} />
    </Stack>
  );
}

function Sections({ version, base }: { version: ReportVersion; base?: ReportVersion }) {
  return COMPARED.map(({ id, label, wordsOf }) => {
    const [text, before] = [wordsOf(version.content), base && wordsOf(base.content)];
    // What is critical now stands above; here is how it was before.
    if ((!text && !before) || (id === 'critical' && (before ?? text) === text)) return null;
    return (
      <Box key={id} component="section" aria-label={label}>
        <Title order={3} c="var(--text-dim)" tt="uppercase" fz={11} mb={2}>
          {label}
        </Title>
        {before === undefined ? (
          <Text size="md" style={{ whiteSpace: 'pre-wrap' }}>
            {text}
          </Text>
        ) : (
          <Difference before={before} after={text} />
        )}
      </Box>
    );
  });
}

function Signatures({ report }: { report: Report }) {
  const clock = useClock();
  return (
    <Stack gap={4} pt="xs" style={{ borderTop: '1px solid var(--line)' }}>
      {report.versions.map((version) => (
        <Text key={version.id} size="sm" c="var(--text-dim)">
          {version.signature
            ? `Version ${version.number}: signed by ${version.signature.signedBy.name}, ${clock.dateTime(version.signature.signedAt)}`
            : `Draft of ${version.radiologist.name}, ${clock.dateTime(version.createdAt)}`}
        </Text>
      ))}
      {report.communications.map((communication) => (
        <Text key={communication.alertId} size="sm" c="var(--text-dim)">
          {communication.finding}
          <br />
          Told {communication.told}
          {communication.receivedAt ? `, received ${clock.dateTime(communication.receivedAt)}` : ''} {communication.how}
        </Text>
      ))}
    </Stack>
  );
}
