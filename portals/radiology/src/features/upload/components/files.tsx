/** The list of an upload: what each file says of itself, and what became of it. */
import { ActionIcon, Group, Paper, Text, UnstyledButton } from '@mantine/core';
import type { Column } from '@shared/table/data-table';
import { DataTable } from '@shared/table/data-table';
import { personName } from '@shared/time/hospital-time';
import { IconAlertTriangle, IconChevronDown, IconChevronRight, IconCircleCheck, IconCircleX, IconClock, IconUpload, IconX } from '@tabler/icons-react';
import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import type { Header } from '../domain/inspect';
import type { Line, Row, ZipRow } from '../domain/rows';
import { bytesOf, counted, fateOfZip, firstThoseThatAsk, isZipRow, linesOf, patientsIn, reasonOf, saidOfZip, sentBytesOf } from '../domain/rows';
import type { Fate } from '../domain/upload-queue';
import classes from './upload.module.css';

const FATES: Record<Fate, { word: string; color: string; icon: typeof IconClock }> = {
  waiting: { word: 'Ready', color: 'var(--text-dim)', icon: IconClock },
  sending: { word: 'Sending', color: 'var(--info)', icon: IconUpload },
  retrying: { word: 'Trying again', color: 'var(--warning)', icon: IconClock },
  stored: { word: 'Stored', color: 'var(--good)', icon: IconCircleCheck },
  skipped: { word: 'Skipped', color: 'var(--text-dim)', icon: IconCircleCheck },
  refused: { word: 'Refused', color: 'var(--critical)', icon: IconCircleX },
  failed: { word: 'Not sent', color: 'var(--critical)', icon: IconCircleX },
};

interface FilesProps {
  rows: Row[];
  /** What speaks against a file. */
  against: (row: Row) => string[];
  /** Takes files off the list; there is no such thing while some are sent. */
  onTakeOff: ((rows: Row[]) => void) | undefined;
}

/** A zip is one line, whose files are shown by who wants to see them. */
export function Files({ rows, against, onTakeOff }: FilesProps) {
  const { frame, goOnAt } = useFocusInRow();
  const [open, setOpen] = useState<ReadonlySet<string>>(new Set());
  const columns = useMemo<Array<Column<Line>>>(() => {
    const toggle = ({ id }: ZipRow) => setOpen((now) => new Set(now.has(id) ? [...now].filter((one) => one !== id) : [...now, id]));
    return [
      { id: 'fate', header: 'State', width: '110px', cell: (line) => <FateCell line={line} /> },
      { id: 'name', header: 'File', width: 'minmax(140px, 1.4fr)', cell: (line) => (isZipRow(line) ? <ZipName line={line} isOpen={open.has(line.id)} onToggle={() => toggle(line)} /> : <span className={line.content.zip ? classes.packed : undefined}>{line.content.path}</span>) },
      { id: 'patient', header: 'Patient in the file', width: 'minmax(140px, 1fr)', cell: (line) => patientsIn(rowsOf(line)).map(patientOf).join('; ') },
      { id: 'what', header: 'Content', width: 'minmax(120px, 1fr)', secondary: true, cell: contentOf },
      { id: 'note', header: 'Note', width: 'minmax(150px, 1.2fr)', cell: (line) => <Note line={line} against={against} /> },
      { id: 'size', header: 'Size', width: '64px', cell: (line) => sizeOf(isZipRow(line) ? line.zip.bytes : line.content.bytes) },
    ];
  }, [against, open]);
  const lines = linesOf(firstThoseThatAsk(rows, (row) => against(row).length > 0), ({ id }) => open.has(id));
  const takeOff = (line: Line) => {
    const gone = isZipRow(line) ? [...line.members, ...line.leftOut] : [line];
    const left = lines.filter((one) => rowsOf(one).some((row) => !gone.includes(row)));
    goOnAt(left[Math.min(lines.indexOf(line), left.length - 1)]?.id);
    onTakeOff?.(gone);
  };
  const last: Column<Line> = { id: 'take-off', header: 'Take off', width: '48px', cell: (line, isActive) => onTakeOff && rowsOf(line).every(isUnsent) && <TakeOff line={line} isActive={isActive} onPress={() => takeOff(line)} /> };
  if (lines.length === 0) return null;
  return (
    <div ref={frame} className={classes.files}>
      <DataTable label="Files" rows={lines} columns={[...columns, last]} rowKey={(line) => line.id} isEmphasized={(line) => rowsOf(line).some((row) => row.fate === 'waiting' && against(row).length > 0)} rowHeight={30} wraps />
    </div>
  );
}

const rowsOf = (line: Line): Row[] => (isZipRow(line) ? line.members : [line]);

const isUnsent = ({ fate }: Row): boolean => fate === 'waiting' || fate === 'failed';

/** Reached by Tab in the row that the keyboard is at, so that a thousand of them are no thousand tab stops. */
function TakeOff({ line, isActive, onPress }: { line: Line; isActive: boolean; onPress: () => void }) {
  const path = isZipRow(line) ? line.zip.path : line.content.path;
  return (
    <ActionIcon size="sm" tabIndex={isActive ? 0 : -1} aria-label={`Take off the list: ${path}`} onClick={onPress}>
      <IconX size={14} />
    </ActionIcon>
  );
}

/** Who takes off one file after the other by keyboard goes on at the one that moves up. */
function useFocusInRow() {
  const frame = useRef<HTMLDivElement>(null);
  const next = useRef<string | undefined>(undefined);
  useLayoutEffect(() => {
    if (!next.current) return;
    const row = frame.current?.querySelector<HTMLElement>(`[data-key="${CSS.escape(next.current)}"]`);
    (row?.querySelector<HTMLElement>('[aria-label^="Take off"]') ?? row)?.focus();
    next.current = undefined;
  });
  const goOnAt = (key: string | undefined) => {
    next.current = key;
  };
  return { frame, goOnAt };
}

function ZipName({ line, isOpen, onToggle }: { line: ZipRow; isOpen: boolean; onToggle: () => void }) {
  const Icon = isOpen ? IconChevronDown : IconChevronRight;
  return (
    <UnstyledButton className={classes.zip} aria-expanded={isOpen} onClick={onToggle}>
      <Icon size={14} aria-hidden />
      {line.zip.path}
    </UnstyledButton>
  );
}

const patientOf = ({ patientName, patientId }: Header) => [patientName && personName(patientName), patientId].filter(Boolean).join(' · ');

function contentOf(line: Line): string {
  if (isZipRow(line)) return [...new Set(line.members.map(({ facts }) => facts?.header?.modality))].filter(Boolean).join(', ');
  const header = line.facts?.header;
  return header ? [header.modality, header.seriesDescription, header.instanceNumber && `image ${header.instanceNumber}`].filter(Boolean).join(' · ') : '';
}

const sizeOf = (bytes: number): string => (bytes < 10_000_000 ? `${Math.max(1, Math.round(bytes / 1024))} KB` : `${Math.round(bytes / 1024 / 1024)} MB`);

function FateCell({ line }: { line: Line }) {
  const fate = isZipRow(line) ? fateOfZip(line) : line.fate;
  const { word, color, icon: Icon } = FATES[fate];
  const rows = rowsOf(line);
  const bytes = bytesOf(rows);
  return (
    <Group gap={5} c={color} wrap="nowrap">
      <Icon size={14} />
      <span>
        {word}
        {fate === 'sending' && bytes > 0 ? ` ${Math.floor((sentBytesOf(rows) / bytes) * 100)} %` : ''}
      </span>
    </Group>
  );
}

function Note({ line, against }: Pick<FilesProps, 'against'> & { line: Line }) {
  // What became of a file that was sent nevertheless, the server says.
  const wrong = counted(rowsOf(line).filter(({ fate }) => fate === 'waiting').flatMap(against));
  return (
    <>
      {wrong && (
        <Group gap={4} c="var(--critical)" wrap="nowrap" align="flex-start">
          <IconAlertTriangle size={13} style={{ flex: 'none', marginTop: 2 }} />
          <span>{wrong}</span>
        </Group>
      )}
      {isZipRow(line) ? saidOfZip(line) : saidOf(line)}
    </>
  );
}

const saidOf = ({ message, facts }: Row): string => message || (facts?.kind === 'zip' ? 'Cannot be looked into here: the server opens it' : '');

/** Folders and discs hold more than images: it is said what is not sent and why, and it counts as nothing. */
export function LeftOut({ rows }: { rows: Row[] }) {
  if (rows.length === 0) return null;
  return (
    <Paper p="xs" bg="dark.6" component="section" aria-label="Left out">
      <Text size="sm">
        {rows.length} {rows.length === 1 ? 'file' : 'files'} left out: not a DICOM file, picture or zip, or it cannot be read
      </Text>
      <ul className={classes.leftOut} tabIndex={0} aria-label="Files that are left out">
        {rows.map((row) => (
          <li key={row.id}>
            {[row.content.zip?.path, row.content.path].filter(Boolean).join('/')}: {reasonOf(row)}
          </li>
        ))}
      </ul>
    </Paper>
  );
}
