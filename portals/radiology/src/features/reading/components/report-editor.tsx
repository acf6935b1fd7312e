import { Accordion, Alert, Anchor, Button, Checkbox, Group, Menu, Select, Stack, Text, Textarea } from '@mantine/core';
import { criticalFindingsQuery, templatesQuery } from '@shared/api/reports';
import type { Order, ViewerData } from '@shared/api/types';
import { noted, told } from '@shared/feedback/toasts';
import { takeLostFocus } from '@shared/focus/take-lost-focus';
import { missingToSign, TEXT_SECTIONS, withCriticalKind, withNormal, withTemplate } from '@shared/report/content';
import { useClock } from '@shared/shell/portal-context';
import type { ViewerController } from '@shared/viewer/controller';
import { toStudyListing } from '@shared/viewer/study-listing';
import { IconAlertTriangle, IconDeviceFloppy, IconPhotoPlus, IconSignature } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useMemo, useRef, useState } from 'react';
import { criticalField, firstMissing, firstToFill, firstWarning, useGoTo } from '../domain/use-go-to';
import type { KeptMeasurements } from '../domain/use-measurements';
import type { ReportDraft } from '../domain/use-report-draft';
import { editorKeyOf } from '../domain/keys';
import type { ReportWarning } from '../domain/warnings';
import { countInWords, warningsOf } from '../domain/warnings';
import { Conflicts, undecided } from './conflicts';
import { CriticalSection } from './critical-section';
import classes from './reading.module.css';
import { PriorStudiesMenu } from './prior-studies-menu';
import { SignDialog } from './sign-dialog';
import { Warnings } from './warnings';

interface ReportEditorProps {
  data: ViewerData;
  viewer: ViewerController;
  draft: ReportDraft;
  order: Order;
  isAmending: boolean;
  kept: KeptMeasurements;
  onDone: () => void;
}

export function ReportEditor({ data, viewer, draft, order, isAmending, kept, onDone }: ReportEditorProps) {
  const { content, change } = draft;
  const [isSigning, setSigning] = useState(false);
  const catalogue = useQuery(criticalFindingsQuery);
  const warnings = useMemo(() => warningsOf(content, order, catalogue.data?.items ?? []), [content, order, catalogue.data]);
  const waiting = undecided(draft);
  const missing = [...missingToSign(content), waiting && `Two texts wait for your decision: ${waiting}.`, draft.isWaiting ? 'A save is not through yet.' : ''].filter(Boolean);
  const findings = useRef<HTMLTextAreaElement>(null);
  const { root, goTo } = useGoTo();
  // The button that opened the report to be amended is gone.
  useEffect(() => {
    if (isAmending) takeLostFocus(findings.current);
  }, [isAmending]);

  const save = async () => {
    if (!(await draft.save())) return;
    if (waiting) noted(`As the sections stand. Two texts still wait for your decision: ${waiting}.`, 'Saved as preliminary');
    else told('Saved as preliminary');
  };
  useEditorKeys({ save: () => void save(), sign: () => setSigning(true), write: () => findings.current?.focus(), canSave: !isAmending });

  const flag = (code: string) => {
    const kind = catalogue.data?.items.find((one) => one.code === code);
    if (kind) change(withCriticalKind(content, kind));
    else change({ hasCriticalFindings: true });
    goTo(criticalField);
  };
  const goToMissing = () => {
    setSigning(false);
    goTo(firstMissing);
  };

  return (
    <div ref={root} className={classes.editor}>
      <Stack className={classes.tab} gap="sm">
        <TemplateChoice order={order} draft={draft} onUsed={() => goTo(firstToFill)} />
        {TEXT_SECTIONS.map(({ id, label, placeholder, rows, required }) => (
          <div key={id} data-section={id} style={{ position: 'relative' }}>
            <div style={{ position: 'absolute', top: -2, right: 0, zIndex: 1 }}>
              {id === 'findings' && <NormalTexts order={order} draft={draft} />}
              {id === 'comparison' && <PriorStudiesMenu order={order} draft={draft} />}
            </div>
            <Textarea
            ref={id === 'findings' ? findings : undefined}
            name={id}
            label={label}
            placeholder={placeholder}
            autosize
            minRows={rows}
            maxRows={id === 'findings' ? 22 : 12}
            required={required}
            value={content[id]}
            onChange={(event) => change({ [id]: event.currentTarget.value })}
            spellCheck
            />
          </div>
        ))}
        <Checklist order={order} draft={draft} />
        <CriticalSection draft={draft} orderId={order.id} catalogue={catalogue.data?.items ?? []} warnings={warnings.filter(({ isOfAlert }) => isOfAlert)} isSigned={isAmending} onOpen={() => goTo(criticalField)} />
        {catalogue.isError && <Alert color="yellow" p="xs" title="Critical findings are not looked for in the text: their list could not be loaded" />}
        <Warnings warnings={warnings.filter(({ isOfAlert }) => !isOfAlert)} onFlag={flag} />
      </Stack>
      <Notices data={data} viewer={viewer} draft={draft} order={order} />
      <EditorActions draft={draft} warnings={warnings} missing={missing} isAmending={isAmending} onSave={() => void save()} onSign={() => setSigning(true)} onWarnings={() => goTo(firstWarning)} onCancel={onDone} />
      <SignDialog opened={isSigning} onClose={() => setSigning(false)} onSigned={onDone} onMissing={goToMissing} draft={draft} warnings={warnings} missing={missing} changedImages={draft.changedImages} isAmending={isAmending} order={order} kept={kept} />
    </div>
  );
}

/** News stand below the sections: what appears while somebody types moves no line of the text. */
function Notices({ data, viewer, draft, order }: Pick<ReportEditorProps, 'data' | 'viewer' | 'draft' | 'order'>) {
  const showImages = () => {
    void viewer.openExam(data.studies.map((study) => toStudyListing(study, false)));
    draft.seeImages();
  };
  return (
    <div className={classes.notices}>
      {draft.wasRecovered && (
        <Alert color="sea" p="xs" title="Your unsaved text is back">
          It was kept in this browser and is not on the server yet.{' '}
          <Button variant="subtle" size="compact-xs" onClick={draft.discard}>
            Discard it
          </Button>
        </Alert>
      )}
      {draft.otherTabs > 0 && (
        <Alert color="yellow" p="xs" title="Another tab has text of this report that is not on the server">
          It comes here when that tab is closed.
        </Alert>
      )}
      {draft.conflicts.length > 0 && <Conflicts draft={draft} order={order} />}
      {draft.changedImages && (
        <Alert color="yellow" p="xs" icon={<IconPhotoPlus size={18} />} title={`${draft.changedImages} after you began`}>
          <Button variant="default" size="compact-xs" onClick={showImages}>
            Show the images
          </Button>
        </Alert>
      )}
    </div>
  );
}

interface EditorKeys {
  save: () => void;
  sign: () => void;
  write: () => void;
  canSave: boolean;
}

function useEditorKeys(keys: EditorKeys): void {
  const latest = useRef(keys);
  useEffect(() => {
    latest.current = keys;
  });
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const key = editorKeyOf(event);
      if (key === null) return;
      if (key !== 'leave') event.preventDefault();
      if (key === 'leave') leaveText(event.target);
      else if (key !== 'save' || latest.current.canSave) latest.current[key]();
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, []);
}

function leaveText(target: EventTarget | null): void {
  if (target instanceof HTMLTextAreaElement && !target.closest('[role=dialog]')) target.blur();
}

function TemplateChoice({ order, draft, onUsed }: { order: Order; draft: ReportDraft; onUsed: () => void }) {
  const query = useQuery(templatesQuery(order));
  const templates = query.data?.items ?? [];
  const chosen = templates.find(({ id }) => id === draft.content.templateId);
  // The empty one is named where no other suits: there is nothing in it to offer.
  const suggested = templates.find(({ id }) => id === query.data?.suggested && id !== 'custom');
  const choose = (id: string | null) => {
    const template = templates.find((one) => one.id === id);
    if (template) draft.change(withTemplate(draft.content, template, chosen));
  };
  // The button goes with its click.
  const use = (id: string) => {
    choose(id);
    onUsed();
  };
  return (
    <Group gap="xs" align="flex-end" wrap="nowrap">
      <Select
        flex={1}
        label="Template"
        placeholder="Choose a template"
        searchable
        data={templates.map(({ id, title }) => ({ value: id, label: title }))}
        value={draft.content.templateId || null}
        onChange={choose}
      />
      {suggested && !chosen && (
        <Button variant="default" onClick={() => use(suggested.id)}>
          Use {suggested.title}
        </Button>
      )}
    </Group>
  );
}

/** One click for each heading that is normal; nothing normal is written by itself. */
function NormalTexts({ order, draft }: { order: Order; draft: ReportDraft }) {
  const query = useQuery(templatesQuery(order));
  const template = query.data?.items.find(({ id }) => id === draft.content.templateId);
  const sections = template?.findings.filter(({ normal }) => normal) ?? [];
  if (sections.length === 0) return null;
  return (
    <Menu position="bottom-end" width={300} closeOnItemClick={false}>
      <Menu.Target>
        <Button variant="subtle" size="compact-xs">
          Insert normal…
        </Button>
      </Menu.Target>
      <Menu.Dropdown mah={360} style={{ overflow: 'auto' }}>
        {sections.map(({ heading, normal }) => (
          <Menu.Item key={heading} onClick={() => draft.change({ findings: withNormal(draft.content.findings, heading, normal) })}>
            <Text size="sm" fw={600}>
              {heading}
            </Text>
            <Text size="xs" c="var(--text-dim)">
              {normal}
            </Text>
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

function Checklist({ order, draft }: { order: Order; draft: ReportDraft }) {
  const query = useQuery(templatesQuery(order));
  const template = query.data?.items.find(({ id }) => id === draft.content.templateId);
  if (!template || template.checklist.length === 0) return null;
  const { checklist } = draft.content;
  const done = template.checklist.filter(({ id }) => checklist[id]).length;
  return (
    <Accordion variant="separated" chevronPosition="left" styles={{ control: { minHeight: 32 }, label: { padding: 4, fontSize: 12 } }}>
      <Accordion.Item value="checklist">
        <Accordion.Control>
          Checklist: {done} of {template.checklist.length} looked at
        </Accordion.Control>
        <Accordion.Panel>
          <Stack gap={6}>
            {template.checklist.map(({ id, label }) => (
              <Checkbox key={id} size="xs" label={label} checked={checklist[id] ?? false} onChange={(event) => draft.change({ checklist: { ...checklist, [id]: event.currentTarget.checked } })} />
            ))}
          </Stack>
        </Accordion.Panel>
      </Accordion.Item>
    </Accordion>
  );
}

interface EditorActionsProps {
  draft: ReportDraft;
  warnings: ReportWarning[];
  missing: string[];
  isAmending: boolean;
  onSave: () => void;
  onSign: () => void;
  onWarnings: () => void;
  onCancel: () => void;
}

function EditorActions({ draft, warnings, missing, isAmending, onSave, onSign, onWarnings, onCancel }: EditorActionsProps) {
  return (
    <Stack className={classes.actions} gap={6}>
      <SavedState draft={draft} />
      {warnings.length > 0 && (
        <Button
          variant="subtle"
          size="compact-xs"
          color={warnings.every(({ isInformation }) => isInformation) ? 'sea' : 'yellow'}
          leftSection={<IconAlertTriangle size={14} />}
          style={{ alignSelf: 'flex-end' }}
          onClick={onWarnings}
        >
          {countInWords(warnings)}
        </Button>
      )}
      {draft.conflicts.length > 0 && (
        <Text size="xs" c="var(--warning)">
          Before the signature: decide which text stands ({undecided(draft)}).
        </Text>
      )}
      <Group justify="space-between" wrap="nowrap">
        {isAmending ? (
          <Button variant="default" onClick={onCancel}>
            Stop amending
          </Button>
        ) : (
          <Button variant="default" leftSection={<IconDeviceFloppy size={15} />} loading={draft.isSaving} disabled={!draft.isDirty} onClick={onSave}>
            Save as preliminary
          </Button>
        )}
        <Button leftSection={<IconSignature size={16} />} disabled={missing.length > 0} title={missing.join(' ')} onClick={onSign}>
          {isAmending ? 'Sign the amendment' : 'Sign and finalize'}
        </Button>
      </Group>
    </Stack>
  );
}

function SavedState({ draft }: { draft: ReportDraft }) {
  const clock = useClock();
  const text = () => {
    if (draft.isWaiting) return 'Waiting for the network; then it is saved by itself. Kept in this browser.';
    if (draft.isSaving) return 'Saving…';
    if (draft.isDirty) return draft.keptAt ? `Kept in this browser at ${clock.time(new Date(draft.keptAt))}, not on the server yet` : 'Not on the server yet';
    return draft.report ? `On the server, version ${draft.report.versions.at(-1)?.number}` : 'Nothing written yet';
  };
  return (
    <Group justify="space-between" wrap="nowrap" mih={18}>
      <Text size="xs" c="var(--text-dim)" role="status">
        {text()}
      </Text>
      {draft.report?.status === 'PRELIMINARY' && !draft.isDirty && <Preview url={draft.report.pdfUrl} />}
    </Group>
  );
}

/** The document of what is saved, marked as preliminary; it is made some seconds after the save. */
function Preview({ url }: { url: string | null }) {
  if (!url)
    return (
      <Text size="xs" c="var(--text-dim)">
        The PDF is being made…
      </Text>
    );
  return (
    <Anchor href={url} target="_blank" rel="noopener" size="xs" c="var(--info)">
      PDF preview
    </Anchor>
  );
}
