import { notifications, notificationsStore } from '@mantine/notifications';
import { beforeEach, expect, it } from 'vitest';
import { refused } from './toasts';

beforeEach(() => notifications.clean());

const shown = () => notificationsStore.getState().notifications;

it('says once what is refused twice, as after a double click', () => {
  refused(new Error('The room is taken.'), 'Not blocked');
  refused(new Error('The room is taken.'), 'Not blocked');

  expect(shown()).toHaveLength(1);
});

it('says two refusals beside each other', () => {
  refused(new Error('The room is taken.'), 'Not blocked');
  refused(new Error('The room is taken.'), 'Not moved');

  expect(shown()).toHaveLength(2);
});
