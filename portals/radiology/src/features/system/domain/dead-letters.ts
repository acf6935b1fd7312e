/** What a clinician reads of an event that could not be handled: what it is, why, and whether trying again can help. */

const KINDS: Record<string, string> = {
  'order.created': 'An order',
  'order.requested': 'A change of an order',
  'order.updated': 'News of an order',
  'images.ingested': 'An image',
  'study.requested': 'A change of a study',
  'study.updated': 'News of a study',
  'report.drafted': 'A draft report',
  'report.finalized': 'A signed report',
  'report.updated': 'News of a report',
  'critical.finding': 'A critical finding',
  'alert.requested': 'An answer to an alert',
  'alert.updated': 'News of an alert',
};

interface Cause {
  why: string;
  advice: string;
}

const SENDER = 'Its sender must correct it and send it again.';

const CAUSES: Record<string, Cause> = {
  MalformedEvent: { why: 'It is incomplete or not in the agreed form.', advice: SENDER },
  ValueNotStorable: { why: 'It holds a text or a number that cannot be kept.', advice: SENDER },
  HeaderContradictsEvent: { why: 'It names another image than its file holds.', advice: SENDER },
  ObjectElsewhere: { why: 'Its file lies where images do not belong.', advice: SENDER },
  UnreadableInstance: { why: 'Its file is no DICOM image that can be read.', advice: SENDER },
  ObjectMissing: { why: 'Its file is not in the image store.', advice: 'Try again when the file is there.' },
};

const UNKNOWN: Cause = { why: 'The program failed at it.', advice: 'Tell whoever looks after the system; try again when that is mended.' };

export const kindOf = (topic: string): string => KINDS[topic] ?? 'An event';
export const causeOf = (error: string): Cause => CAUSES[error] ?? UNKNOWN;

interface Tries {
  at: string;
  replayedAt?: string | null;
}

/** Set aside by the last try, and no other was made since. */
export const failedAgain = ({ at, replayedAt }: Tries): boolean => Boolean(replayedAt) && Date.parse(replayedAt ?? '') <= Date.parse(at);

/** Nobody has tried it again, or it was of no avail. */
export const waitsForDecision = (letter: Tries): boolean => !letter.replayedAt || failedAgain(letter);

/** The parts may all work while messages lie aside. */
export function stateTitle(time: string, waiting: number): string {
  const works = `Everything works, ${time}`;
  if (waiting === 0) return works;
  return `${works}. ${waiting === 1 ? '1 message waits' : `${waiting} messages wait`} for a decision below`;
}
