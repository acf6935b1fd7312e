/** A time of day is typed in 24 hours, whatever language the browser has. */
import { MantineProvider } from '@mantine/core';
import { cleanup, render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TimeField } from './time-field';

const sent = vi.fn();

function Form() {
  const [time, setTime] = useState('');
  return (
    <MantineProvider env="test">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          sent(time);
        }}
      >
        <TimeField label="Wanted time" value={time} onChange={setTime} />
        <button type="submit">Send</button>
      </form>
    </MantineProvider>
  );
}

const field = () => screen.getByLabelText<HTMLInputElement>('Wanted time');

beforeEach(() => {
  sent.mockReset();
  vi.stubGlobal('matchMedia', () => ({ matches: false, addEventListener: () => undefined, removeEventListener: () => undefined }));
  render(<Form />);
});
afterEach(() => {
  cleanup();
  vi.unstubAllGlobals();
});

it('digits alone become a time when the field is left', async () => {
  const user = userEvent.setup();

  await user.type(field(), '1630');
  await user.tab();

  expect(field().value).toBe('16:30');
  expect(field().type).toBe('text');
});

it('Enter sends the time, and not the digits', async () => {
  const user = userEvent.setup();

  await user.type(field(), '930{Enter}');

  expect(sent).toHaveBeenCalledExactlyOnceWith('09:30');
});

it('what is no time says how to write one, but not while it is typed', async () => {
  const user = userEvent.setup();

  await user.type(field(), '25');
  expect(screen.queryByText(/Write the time/)).toBeNull();
  await user.tab();

  expect(field().value).toBe('25');
  expect(screen.getByText('Write the time as 14:05, from 00:00 to 23:59.')).toBeTruthy();
  expect(field().getAttribute('aria-invalid')).toBe('true');
});
