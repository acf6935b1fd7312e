import { Alert, Button, Text } from '@mantine/core';
import { IconAlertTriangle, IconInfoCircle } from '@tabler/icons-react';
import type { ReportWarning } from '../domain/warnings';

export function Warnings({ warnings, onFlag }: { warnings: ReportWarning[]; onFlag?: (code: string) => void }) {
  return (
    <div role="status" aria-live="polite" tabIndex={-1} data-warnings>
      {warnings.map(({ id, title, detail, flag, isInformation }) => (
        <Alert key={id} color={isInformation ? 'sea' : 'yellow'} p="xs" mb={6} icon={isInformation ? <IconInfoCircle size={18} /> : <IconAlertTriangle size={18} />} title={title}>
          <Text size="sm">{detail}</Text>
          {flag && onFlag && (
            <Button mt={4} variant="default" size="compact-xs" onClick={() => onFlag(flag)}>
              Mark as critical
            </Button>
          )}
        </Alert>
      ))}
    </div>
  );
}
