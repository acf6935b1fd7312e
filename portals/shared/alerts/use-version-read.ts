import type { Alert } from '@shared/api/types';
import { useState } from 'react';

/**
 * The report version whose finding was read when somebody began to write a read-back. What stands on the screen may be
 * corrected meanwhile, so the version of that moment is not the one at which it is sent.
 */
export function useVersionRead({ finding }: Alert) {
  const [begun, setBegun] = useState<number | null>(null);
  return {
    versionRead: begun ?? finding.reportVersion,
    /** To be called with what has been written so far: an empty page is begun anew. */
    onWriting: (text: string) => setBegun((before) => (text === '' ? null : (before ?? finding.reportVersion))),
    /** After a refusal has told of the correction: what is sent next is of what stands there then. */
    readAgain: () => setBegun(null),
  };
}
