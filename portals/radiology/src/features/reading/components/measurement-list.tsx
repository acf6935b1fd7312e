import { ActionIcon, Alert, Button, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { told } from '@shared/feedback/toasts';
import { sentenceOf } from '@shared/http/problem';
import { withLine } from '@shared/report/content';
import { Empty } from '@shared/states/states';
import type { ViewerController } from '@shared/viewer/controller';
import type { MeasurementRecord } from '@shared/viewer/measurements';
import { findingSentence, measurementName, placeWords } from '@shared/viewer/measurements';
import { useViewer } from '@shared/viewer/use-viewer';
import { IconAlertTriangle, IconRowInsertTop, IconTrash } from '@tabler/icons-react';
import type { KeptMeasurements } from '../domain/use-measurements';
import type { ReportDraft } from '../domain/use-report-draft';
import classes from './reading.module.css';

interface MeasurementListProps {
  viewer: ViewerController;
  draft: ReportDraft;
  kept: KeptMeasurements;
}

export function MeasurementList({ viewer, draft, kept }: MeasurementListProps) {
  const measurements = useViewer(viewer, (state) => state.measurements);
  return (
    <>
      <NotKept kept={kept} />
      {measurements.length === 0 ? (
        <Empty title="No measurements">Press L for a length, E for an ellipse.{kept.may && kept.isLoaded ? ' What is drawn is saved at once.' : ''}</Empty>
      ) : (
        <>
          <Text size="xs" c="var(--text-dim)" px={8} py={4} role="status">
            {inWords(kept)}
          </Text>
          <ul style={{ margin: 0, padding: 0, listStyle: 'none' }}>
            {measurements.map((record) => (
              <Measurement key={record.uid} record={record} viewer={viewer} draft={draft} />
            ))}
          </ul>
        </>
      )}
    </>
  );
}

function inWords({ may, isLoaded, isUnsaved }: KeptMeasurements): string {
  if (!may) return 'Nothing that you draw is saved: your role does not include it';
  return isUnsaved || !isLoaded ? 'Not on the server yet' : 'On the server';
}

/** What keeps the measurements from being on the server, for as long as it does. */
function NotKept({ kept }: { kept: KeptMeasurements }) {
  const { isLoaded, isWaiting, error } = kept;
  const title = isLoaded ? 'Measurements are not saved' : 'Measurements are not loaded';
  if (error)
    return (
      <Alert color="red" p="xs" m={8} icon={<IconAlertTriangle size={18} />} title={title} role="alert">
        {sentenceOf(error)} {!isLoaded && 'What is drawn is not saved until they are.'}
        <Button variant="default" mt={6} onClick={kept.saveNow}>
          Try again
        </Button>
      </Alert>
    );
  if (!isWaiting) return null;
  return (
    <Alert color="yellow" p="xs" m={8} icon={<IconAlertTriangle size={18} />} title={title} role="status">
      The server cannot be reached. It is tried again by itself for as long as this case is open.
    </Alert>
  );
}

function Measurement({ record, viewer, draft }: { record: MeasurementRecord; viewer: ViewerController; draft: ReportDraft }) {
  const isSelected = useViewer(viewer, (state) => state.selected === record.uid);
  const [place, prior] = [viewer.placeOf(record), viewer.priorOf(record)];
  const isOwn = record.annotation.isLocked !== true;
  const isOnPlane = record.sopInstanceUid === '';
  const isLoaded = isOnPlane || place !== null;
  const insert = () => {
    draft.change({ findings: withLine(draft.content.findings, findingSentence(record, place, prior)) });
    told('Inserted into the findings');
  };
  return (
    <li className={classes.measurement} data-selected={isSelected || undefined}>
      <UnstyledButton onClick={() => void viewer.showMeasurement(record)} aria-label={`Show ${measurementName(record.kind)} ${record.text}${prior ? ` of the ${prior}` : ''}`}>
        <Text size="md" fw={600}>
          {record.text || '…'}
        </Text>
        <Text size="xs" c="var(--text-dim)">
          {measurementName(record.kind)} · {isLoaded ? placeWords(place, prior) : 'its images are not loaded'}
          {isOwn ? '' : ' · by another reader'}
        </Text>
        {prior && isOnPlane && (
          <Text size="xs" c="var(--mantine-color-yellow-5)">
            Not kept after this case is closed
          </Text>
        )}
      </UnstyledButton>
      <Tooltip label="Insert into the findings">
        <Button variant="default" leftSection={<IconRowInsertTop size={14} />} disabled={!draft.isReady || !isLoaded || record.text === ''} onClick={insert}>
          Insert
        </Button>
      </Tooltip>
      <ActionIcon aria-label={`Delete ${measurementName(record.kind)} ${record.text}`} disabled={!isOwn} onClick={() => viewer.removeMeasurement(record.uid)}>
        <IconTrash size={16} />
      </ActionIcon>
    </li>
  );
}
