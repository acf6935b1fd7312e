/** An alert's evidence in a clinician's words; the record itself keeps the system's. Pure. */
import type { Alert } from '../api/types';

type Line = Pick<Alert['evidence'][number], 'what' | 'detail'>;

const CHANNELS: Record<string, string> = { IN_APP: 'In the app', SMS: 'SMS', EMAIL: 'E-mail', VOICE: 'Phone call' };
const CATEGORIES: Record<string, string> = { RED: 'red', ORANGE: 'orange', YELLOW: 'yellow' };

const EVENTS: Record<string, string> = {
  alert_opened: 'Alert begun',
  finding_revised: 'Text of the finding changed',
  finding_withdrawn: 'Finding withdrawn',
  ordering_provider_unknown: 'Ordering doctor unknown to the on-call list',
  step_begun: 'Next person is told',
  channel_missing: 'Cannot be reached this way',
  round_begun: 'Begins again from the first person',
  acknowledgement_overdue: 'Time limit over',
  escalated_by_person: 'Escalated',
  declined: 'Declined',
  handed_over: 'Handed over',
  attempt_sent: 'Sent',
  attempt_postponed: 'Not sent yet, tried again',
  attempt_failed: 'Failed',
  attempt_in_doubt: 'Outcome unknown',
  attempt_found: 'Found to have been sent',
  attempt_absent: 'Found not to have been sent',
  attempt_delivered: 'Delivered',
  attempt_superseded: 'Replaced by a newer message',
  call_answered: 'Call picked up',
  voicemail_answered: 'Voicemail answered: told nobody',
  call_repeated: 'Called again',
  next_channel: 'Told another way',
  step_unreachable: 'Nobody reached',
  acknowledged: 'Acknowledged',
  acknowledged_again: 'Acknowledged once more',
  attempts_cancelled: 'Not needed any more',
  calls_recalled: 'Calls ended',
  read_back_reminded: 'Reminded of the read-back',
  acknowledgement_lapsed: 'Acknowledgement lapsed',
  read_back: 'Read back',
  read_back_void: 'Must be read back again',
  alert_closed: 'Closed',
};

const WORDS: Record<string, string> = { 'by IN_APP': 'in the app', ...CHANNELS, ...CATEGORIES, IN_APP: 'in the app', EMAIL: 'e-mail', VOICE: 'phone call', 'in-progress': 'picked up' };

/** Only whole words that the system itself writes; what people wrote stays as it is. */
const KNOWN = new RegExp(`\\b(?:${Object.keys(WORDS).join('|')})\\b`, 'g');

const WRITTEN_BY_PEOPLE = new Set(['handed_over', 'escalated_by_person']);

export function channelLabel(channel: string): string {
  return CHANNELS[channel] ?? channel;
}

/** How somebody confirmed a finding, as the end of a sentence. */
export function wayOf({ channel, toldBy }: NonNullable<Alert['acknowledgement']>): string {
  return toldBy ? `told by ${toldBy}` : channelLabel(channel).toLowerCase();
}

/** How far a finding has come, for whoever raised it; `near` writes a time of the hospital. */
export function standingOf(alert: Alert, near: (at: string) => string): string {
  const { status, acknowledgement, responsibleName, openedAt, closedAt, readBackAt } = alert;
  const confirmed = readBackAt ?? closedAt;
  const who = acknowledgement?.personName || responsibleName || 'the doctor';
  const how = () => {
    if (status === 'OPEN') return 'is being told';
    if (status === 'ACKNOWLEDGED') return 'has taken it on';
    return `has confirmed it by read-back${confirmed ? ` ${near(confirmed)}` : ''}`;
  };
  return `Raised ${near(openedAt)} · ${who} ${how()}`;
}

export function lineOf({ what, detail }: Line): Line {
  const words = detail ?? '';
  return {
    what: EVENTS[what] ?? what.replaceAll('_', ' '),
    detail: WRITTEN_BY_PEOPLE.has(what) ? words : words.replace(KNOWN, (word) => WORDS[word] ?? word),
  };
}
