import { queryOptions } from '@tanstack/react-query';
import { ask, tell } from './ask';
import { acknowledgeAlert, escalateAlert, handOverAlert, listAlerts, readBackAlert, sawAlert } from './generated/sdk.gen';
import type { AlertStatus } from './generated/types.gen';

export const alertsQuery = (status: AlertStatus[], mine = false) =>
  queryOptions({
    queryKey: ['alerts', 'list', { status, mine }],
    queryFn: () => ask(listAlerts({ query: { status, ...(mine ? { mine } : {}), pageSize: 100 } })),
  });

/** Every alert of one order's report, whatever became of it. */
export const alertsOfOrderQuery = (orderId: string) =>
  queryOptions({ queryKey: ['alerts', 'list', { orderId }], queryFn: () => ask(listAlerts({ query: { orderId, pageSize: 100 } })) });

/**
 * `reportVersion` is that of the finding that was on the screen: a read-back of words that were changed since is refused.
 * A radiologist or manager who spoke to a person that was told says who that was; otherwise it is one's own word.
 */
export const acknowledge = (id: string, readBack: string, reportVersion: number, toldPersonId = '') =>
  tell(acknowledgeAlert({ path: { id }, body: { readBack, reportVersion, toldPersonId } }));
export const readBackFinding = (id: string, text: string, reportVersion: number) => tell(readBackAlert({ path: { id }, body: { text, reportVersion } }));
export const handOver = (id: string, toPersonId: string, reason: string) => tell(handOverAlert({ path: { id }, body: { toPersonId, reason } }));
export const escalate = (id: string, reason: string) => tell(escalateAlert({ path: { id }, body: { reason } }));
export const saw = (id: string) => tell(sawAlert({ path: { id } }));
