import { Alert as Notice } from '@mantine/core';
import { IconArrowBackUp } from '@tabler/icons-react';
import type { Alert } from '../api/types';

/** Whoever was told of a finding that is none may be acting on it: this stands before its text. */
export function Withdrawn({ finding }: { finding: Alert['finding'] }) {
  if (!finding.withdrawn) return null;
  return (
    <Notice color="yellow" icon={<IconArrowBackUp size={18} />} title="Withdrawn: the report no longer names this finding" my="xs" role="status">
      It was signed anew without it. Read the report before you act on what you were told.
    </Notice>
  );
}
