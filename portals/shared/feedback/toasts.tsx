/** Short messages at the edge of the page. Errors stay until they are closed; all are announced. */
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconCheck, IconInfoCircle } from '@tabler/icons-react';
import { sentenceOf } from '../http/problem';

const closeButtonProps = { 'aria-label': 'Close message' };

export function told(message: string): void {
  notifications.show({ message, color: 'green', icon: <IconCheck size={16} />, closeButtonProps, role: 'status' });
}

export function noted(message: string, title?: string): void {
  notifications.show({ message, title, color: 'sea', icon: <IconInfoCircle size={16} />, closeButtonProps, role: 'status' });
}

/** Show what an act was refused for, in the server's own sentence. */
export function refused(error: unknown, title = 'Not done'): void {
  notifications.show({ title, message: sentenceOf(error), color: 'red', icon: <IconAlertTriangle size={16} />, autoClose: false, closeButtonProps, role: 'alert' });
}
