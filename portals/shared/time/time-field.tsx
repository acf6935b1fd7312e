import type { TextInputProps } from '@mantine/core';
import { TextInput } from '@mantine/core';
import { useState } from 'react';
import { HOW_TO_WRITE_A_TIME, isTimeOfDay, timeOfDay } from './time-of-day';

interface TimeFieldProps extends Omit<TextInputProps, 'type' | 'value' | 'onChange'> {
  /** `14:05`, or what is typed so far: whoever takes it asks `isTimeOfDay`. */
  value: string;
  onChange: (value: string) => void;
}

/** A time of day in 24 hours, as all times of the portals: a browser's own field follows the browser's language instead. */
export function TimeField({ value, onChange, error, ...field }: TimeFieldProps) {
  const [isTyping, setTyping] = useState(false);
  const isWrong = !isTyping && value !== '' && !isTimeOfDay(value);
  const tidy = () => onChange(timeOfDay(value));
  return (
    <TextInput
      {...field}
      placeholder="14:05"
      inputMode="numeric"
      autoComplete="off"
      maxLength={5}
      value={value}
      error={error ?? (isWrong && HOW_TO_WRITE_A_TIME)}
      onChange={(event) => onChange(event.currentTarget.value)}
      onFocus={() => setTyping(true)}
      onBlur={() => {
        setTyping(false);
        tidy();
      }}
      // Enter sends the form while the field has not been left.
      onKeyDown={({ key }) => key === 'Enter' && tidy()}
    />
  );
}
