/** Short messages at the edge of the page. Errors stay until they are closed; all are announced. */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconCheck, IconInfoCircle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { sentenceOf } from '../http/problem';

const closeButtonProps = { 'aria-label': 'Close message' };

interface ToastAction {
  label: string;
  icon?: ReactNode;
  act: () => void;
}

/** Say that something was done; with an action, as to undo it, the message stays longer. */
export function told(message: string, action?: ToastAction): void {
  const id = crypto.randomUUID();
  const act = action && (
    <Button
      size="compact-xs"
      variant="default"
      mt={6}
      leftSection={action.icon}
      onClick={() => {
        notifications.hide(id);
        action.act();
      }}
    >
      {action.label}
    </Button>
  );
  const content = (
    <>
      {message}
      {act && <div>{act}</div>}
    </>
  );
  notifications.show({ id, message: content, color: 'green', icon: <IconCheck size={16} />, autoClose: action ? 20_000 : 5000, closeButtonProps, role: 'status' });
}

export function noted(message: string, title?: string): void {
  notifications.show({ message, title, color: 'sea', icon: <IconInfoCircle size={16} />, closeButtonProps, role: 'status' });
}

/** Show what an act was refused for, in the server's own sentence. */
export function refused(error: unknown, title = 'Not done'): void {
  notifications.show({ title, message: sentenceOf(error), color: 'red', icon: <IconAlertTriangle size={16} />, autoClose: false, closeButtonProps, role: 'alert' });
}
