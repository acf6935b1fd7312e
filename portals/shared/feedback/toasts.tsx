/**
 * Short messages in the head of the page, where they lie over neither images nor buttons; on a phone, whose head is full,
 * above the bar at the bottom. Errors stay until they are closed; all are announced. The answer to what one did comes
 * first, before errors that stay and news.
 */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconCheck, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { sentenceOf } from '../http/problem';
import classes from './toasts.module.css';

/** More would not fit beside each other; the others wait for their turn. */
export const MOST_AT_ONCE = 2;

const PRIORITY = { answer: 2, error: 1, news: 0 };
const look = { closeButtonProps: { 'aria-label': 'Close message' }, classNames: { root: classes.toast, icon: classes.icon, body: classes.body } };

interface ToastAction {
  label: string;
  icon?: ReactNode;
  act: () => void;
}

let answered = '';

/** Say that something was done, in place of what was said before; with an action, as to undo it, the message stays longer. */
export function told(message: string, action?: ToastAction): void {
  notifications.hide(answered);
  answered = show({ message, action, priority: PRIORITY.answer });
}

/** Say that something came that can be opened. */
export function came(message: string, action: ToastAction): void {
  show({ message, action, priority: PRIORITY.news });
}

export function noted(message: string, title?: string): void {
  notifications.show({ ...look, message: said(message, title), color: 'sea', icon: <IconInfoCircle size={15} />, priority: PRIORITY.news, role: 'status' });
}

/** Show what an act was refused for, in the server's own sentence; what is refused again is said once. */
export function refused(error: unknown, title = 'Not done'): void {
  notifications.hide(answered);
  const sentence = sentenceOf(error);
  const id = `${title}: ${sentence}`;
  notifications.hide(id);
  notifications.show({ ...look, id, message: said(sentence, title), color: 'red', icon: <IconAlertTriangle size={15} />, priority: PRIORITY.error, autoClose: false, role: 'alert' });
}

function show({ message, action, priority }: { message: string; action: ToastAction | undefined; priority: number }): string {
  const id = crypto.randomUUID();
  const act = action && (
    <Button
      size="compact-xs"
      variant="default"
      className={classes.act}
      leftSection={action.icon}
      onClick={() => {
        notifications.hide(id);
        action.act();
      }}
    >
      {action.label}
    </Button>
  );
  return notifications.show({ ...look, id, message: <>{said(message)}{act}</>, color: 'green', icon: <IconCheck size={15} />, priority, autoClose: action ? 20_000 : 5000, role: 'status' });
}

function said(message: string, title?: string): ReactNode {
  return (
    <span>
      {title && <strong>{title}: </strong>}
      {message}
    </span>
  );
}
