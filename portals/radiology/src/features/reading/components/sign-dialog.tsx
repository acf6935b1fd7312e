import { Alert, Button, Checkbox, Group, Modal, PasswordInput, Stack, Text, Textarea } from '@mantine/core';
import { standingOf } from '@shared/alerts/evidence-words';
import { amend, saveReport } from '@shared/api/reports';
import type { Order, Report } from '@shared/api/types';
import { Difference } from '@shared/diff/difference';
import { told } from '@shared/feedback/toasts';
import { ProblemError, sentenceOf } from '@shared/http/problem';
import { COMPARED, contentOf } from '@shared/report/content';
import { asKept, digestOf } from '@shared/report/digest';
import { useClock, usePortal } from '@shared/shell/portal-context';
import { personName } from '@shared/time/hospital-time';
import { IconSignature } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useState } from 'react';
import { saidIn, saysTheSame } from '../domain/raised';
import type { KeptMeasurements } from '../domain/use-measurements';
import { useRaised } from '../domain/use-raised';
import type { ReportDraft } from '../domain/use-report-draft';
import { toBody } from '../domain/use-report-draft';
import type { ReportWarning } from '../domain/warnings';
import { Warnings } from './warnings';

interface SignDialogProps {
  opened: boolean;
  onClose: () => void;
  onSigned: () => void;
  /** Close this, and go to the first thing that a signature waits for. */
  onMissing: () => void;
  draft: ReportDraft;
  order: Order;
  warnings: ReportWarning[];
  missing: string[];
  /** What happened to the images since the writer looked; empty when nothing did. */
  changedImages: string;
  isAmending: boolean;
  kept: KeptMeasurements;
}

export function SignDialog(props: SignDialogProps) {
  return (
    <Modal opened={props.opened} onClose={props.onClose} title={props.isAmending ? 'Sign the amendment' : 'Sign and finalize'} size="lg">
      {props.opened && (props.missing.length > 0 ? <NotReady {...props} /> : <SignForm {...props} />)}
    </Modal>
  );
}

function NotReady({ missing, onMissing }: Pick<SignDialogProps, 'missing' | 'onMissing'>) {
  return (
    <Stack gap="sm">
      <Alert color="yellow" title="Not ready to be signed">
        {missing.join(' ')}
      </Alert>
      <Group justify="flex-end">
        <Button data-autofocus onClick={onMissing}>
          Go to what is missing
        </Button>
      </Group>
    </Stack>
  );
}

/** The person proves again who signs; the PIN leaves this form only for the gateway and is never kept. */
function SignForm({ onClose, onSigned, draft, order, warnings, changedImages, isAmending, kept }: SignDialogProps) {
  const { me } = usePortal();
  const outcomeOf = useOutcome(draft, order.id);
  const [pin, setPin] = useState('');
  const [reason, setReason] = useState('');
  const [isAware, setAware] = useState(false);
  // Of the text that was there when the signer came here: what another version brings meanwhile was not read.
  const [seen] = useState(() => digestOf(asKept(toBody(draft.content))));
  const concerns = warnings.filter(({ isInformation }) => !isInformation).length + (changedImages ? 1 : 0) + (kept.isUnsaved ? 1 : 0);
  // What the hand has just drawn belongs to the report: it need not rest any longer.
  const saveDrawn = useEffectEvent(() => kept.isUnsaved && kept.saveNow());
  useEffect(() => void saveDrawn(), []);

  const sign = useMutation({
    mutationFn: async () => {
      const body = { ...asKept(toBody(draft.content)), signature: { pin }, expectedVersion: draft.version, contentSha256: await seen };
      return isAmending && draft.report ? amend(draft.report.id, { ...body, amendmentReason: reason.trim() }) : saveReport(order.id, { ...body, status: 'FINAL' });
    },
    // As it was before: the live stream may bring the signed report, and its alert, before the answer does.
    onMutate: () => outcomeOf,
    onSuccess: (report, _, outcome) => {
      draft.accept(report, contentOf(report));
      told(outcome(report));
      onClose();
      onSigned();
    },
    onError: () => setPin(''),
  });

  const isWrongPin = sign.error instanceof ProblemError && /pin/.test(sign.error.code);
  const isReady = pin !== '' && (!isAmending || reason.trim() !== '') && (concerns === 0 || isAware);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) sign.mutate();
      }}
    >
      <Stack gap="sm">
        <Text size="sm">
          {personName(order.patient.name)} · {order.patient.mrn} · {order.studyType}
        </Text>
        {isAmending && draft.report && <Changed draft={draft} />}
        <Warnings warnings={warnings} />
        {changedImages && <Alert color="yellow" p="xs" title={`${changedImages}: you have not looked at the study since`} />}
        <Unsaved kept={kept} />
        {concerns > 0 && <Checkbox size="xs" label="I have seen these warnings and sign nevertheless" checked={isAware} onChange={(event) => setAware(event.currentTarget.checked)} />}
        {isAmending && <Textarea label="Reason for the amendment" required autosize minRows={2} data-autofocus value={reason} onChange={(event) => setReason(event.currentTarget.value)} />}
        <PasswordInput
          label={`Signing PIN of ${me.name}`}
          required
          inputMode="numeric"
          autoComplete="off"
          data-autofocus={isAmending ? undefined : true}
          value={pin}
          aria-invalid={isWrongPin}
          error={isWrongPin ? sentenceOf(sign.error) : undefined}
          visibilityToggleButtonProps={{ 'aria-label': 'Show the PIN' }}
          onChange={(event) => setPin(event.currentTarget.value)}
        />
        {sign.error && !isWrongPin && (
          <Alert color="red" p="xs" title="Not signed" role="alert">
            {isOtherText(sign.error) ? 'The report has another text than when you came here. Go back to it, read what has changed, and sign again. Nothing that you wrote is lost.' : sentenceOf(sign.error)}
          </Alert>
        )}
        <Text size="sm" c="var(--text-dim)">
          My signature means: I have read the images and approve this report.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Back to the text
          </Button>
          <Button type="submit" leftSection={<IconSignature size={16} />} disabled={!isReady} loading={sign.isPending}>
            Sign
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** What a signature makes of the critical finding, for the signer: of what was raised before, nothing begins anew. */
function useOutcome(draft: ReportDraft, orderId: string): (signed: Report) => string {
  const clock = useClock();
  const { alerts, unknown, isChange } = useRaised(draft, orderId);
  const { content, report } = draft;
  const shown = alerts.find(({ finding }) => saysTheSame(saidIn(finding), content));
  return ({ criticalAlertIds }) => {
    if (!content.hasCriticalFindings) return 'Signed';
    if (shown) return `Signed. ${standingOf(shown, clock.near)}`;
    const isNew = criticalAlertIds.some((id) => !report?.criticalAlertIds.includes(id));
    if (isNew || unknown === 'on its way') return 'Signed. The critical finding is on its way.';
    return isChange ? 'Signed. The changed critical finding is on its way.' : 'Signed. The critical finding had been raised before.';
  };
}

const isOtherText = (error: Error): boolean => error instanceof ProblemError && error.code === 'content_hash_mismatch';

/** The structured report is made of what the server has at the signature. */
function Unsaved({ kept }: { kept: KeptMeasurements }) {
  if (!kept.isUnsaved) return null;
  const state = () => {
    if (kept.error) return sentenceOf(kept.error);
    return kept.isWaiting ? 'The server cannot be reached; it is tried again by itself.' : 'They are being saved.';
  };
  return (
    <Alert color="yellow" p="xs" title="Measurements are not on the server yet">
      {state()} Signed before they are, they would be missing in the structured report until an amendment.{' '}
      {Boolean(kept.error) && (
        <Button variant="default" size="compact-xs" onClick={kept.saveNow}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

function Changed({ draft }: { draft: ReportDraft }) {
  const before = draft.report ? contentOf(draft.report) : draft.content;
  const changed = COMPARED.filter(({ wordsOf }) => wordsOf(before) !== wordsOf(draft.content));
  if (changed.length === 0) return <Alert color="yellow" p="xs" title="Nothing has been changed in the text yet" />;
  return (
    <Stack gap="xs" p="sm" mah={220} style={{ overflow: 'auto', border: '1px solid var(--line)', borderRadius: 4 }} tabIndex={0} aria-label="Changes">
      {changed.map(({ id, label, wordsOf }) => (
        <div key={id}>
          <Text size="xs" fw={600} c="var(--text-dim)">
            {label}
          </Text>
          <Difference before={wordsOf(before)} after={wordsOf(draft.content)} />
        </div>
      ))}
    </Stack>
  );
}
