import { ActionIcon, Button, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { told } from '@shared/feedback/toasts';
import { withLine } from '@shared/report/content';
import { Empty } from '@shared/states/states';
import type { ViewerController } from '@shared/viewer/controller';
import type { MeasurementRecord } from '@shared/viewer/measurements';
import { findingSentence, measurementName } from '@shared/viewer/measurements';
import { useViewer } from '@shared/viewer/use-viewer';
import { IconRowInsertTop, IconTrash } from '@tabler/icons-react';
import type { ReportDraft } from '../domain/use-report-draft';
import classes from './reading.module.css';

export function MeasurementList({ viewer, draft }: { viewer: ViewerController; draft: ReportDraft }) {
  const measurements = useViewer(viewer, (state) => state.measurements);
  if (measurements.length === 0) return <Empty title="No measurements">Press L for a length, E for an ellipse. What is drawn is saved at once.</Empty>;
  return (
    <ul style={{ margin: 0, padding: 0, listStyle: 'none' }}>
      {measurements.map((record) => (
        <Measurement key={record.uid} record={record} viewer={viewer} draft={draft} />
      ))}
    </ul>
  );
}

function Measurement({ record, viewer, draft }: { record: MeasurementRecord; viewer: ViewerController; draft: ReportDraft }) {
  const isSelected = useViewer(viewer, (state) => state.selected === record.uid);
  const place = viewer.placeOf(record);
  const isOwn = record.annotation.isLocked !== true;
  const insert = () => {
    draft.change({ findings: withLine(draft.content.findings, findingSentence(record, place)) });
    told('Inserted into the findings');
  };
  return (
    <li className={classes.measurement} data-selected={isSelected || undefined}>
      <UnstyledButton onClick={() => void viewer.showMeasurement(record)} aria-label={`Show ${measurementName(record.kind)} ${record.text}`}>
        <Text size="md" fw={600}>
          {record.text || '…'}
        </Text>
        <Text size="xs" c="var(--text-dim)">
          {measurementName(record.kind)} · {place ? `series ${place.series}, image ${place.image}` : 'reformatted plane'}
          {isOwn ? '' : ' · by another reader'}
        </Text>
      </UnstyledButton>
      <Tooltip label="Insert into the findings">
        <Button variant="default" leftSection={<IconRowInsertTop size={14} />} disabled={!draft.isReady || record.text === ''} onClick={insert}>
          Insert
        </Button>
      </Tooltip>
      <ActionIcon aria-label={`Delete ${measurementName(record.kind)} ${record.text}`} disabled={!isOwn} onClick={() => viewer.removeMeasurement(record.uid)}>
        <IconTrash size={16} />
      </ActionIcon>
    </li>
  );
}
