/** Whose word can close a finding. Pure. */
import type { Alert } from '@shared/api/types';

interface Told {
  id: string;
  name: string;
}

/** Only who was told can confirm, and who has taken it reads back; oneself first, then whoever was told last. */
export function whoConfirms(alert: Pick<Alert, 'acknowledgement' | 'attempts' | 'notifiedPersonIds'>, me: string): Told[] {
  const { acknowledgement } = alert;
  if (acknowledgement) return [{ id: acknowledgement.personId, name: acknowledgement.personName }];
  const names = new Map(alert.attempts.toReversed().map(({ personId, personName }) => [personId, personName]));
  const told = [...names].map(([id, name]) => ({ id, name })).filter(({ id }) => alert.notifiedPersonIds.includes(id));
  return told.toSorted((one, other) => Number(other.id === me) - Number(one.id === me));
}
