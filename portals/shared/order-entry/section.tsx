import { Paper, SegmentedControl, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { OrderDraft, Problems } from './draft';
import classes from './order-entry.module.css';

export interface SectionProps {
  draft: OrderDraft;
  change: (part: Partial<OrderDraft>) => void;
  problems: Problems;
}

export function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper p="md" component="section" aria-label={title}>
      <Title order={2} mb="sm">
        {title}
      </Title>
      <Stack gap="sm">{children}</Stack>
    </Paper>
  );
}

/** A question that is answered by one of a few buttons, with its problem below it. */
export function Choice<Value extends string>({ label, value, options, onChange, problem, required = false }: { label: string; value: Value | ''; options: ReadonlyArray<{ value: Value; label: string }>; onChange: (value: Value) => void; problem?: string | undefined; required?: boolean }) {
  return (
    <div role="group" aria-label={label} data-problem={problem ? true : undefined}>
      <Text size="sm" fw={500} mb={3}>
        {label}
        {required && (
          <Text span c="var(--critical)" aria-hidden>
            {' '}
            *
          </Text>
        )}
      </Text>
      <SegmentedControl aria-label={label} size="xs" color="sea.7" className={classes.choice} value={value} data={options.map((option) => ({ ...option }))} onChange={(chosen) => onChange(chosen as Value)} />
      {problem && (
        <Text size="xs" c="var(--critical)" mt={3}>
          {problem}
        </Text>
      )}
    </div>
  );
}
