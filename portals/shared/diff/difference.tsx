import { Box } from '@mantine/core';
import { wordDiff } from './word-diff';

/** Added words are underlined, removed ones struck through; the colours only repeat it. */
export function Difference({ before, after }: { before: string; after: string }) {
  return (
    <Box style={{ whiteSpace: 'pre-wrap', fontSize: 13 }}>
      {wordDiff(before, after).map((part, index) => {
        if (part.kind === 'added') return <ins key={index} style={{ color: '#9be3b7', background: '#123524' }}>{part.text}</ins>;
        if (part.kind === 'removed') return <del key={index} style={{ color: '#ffb3b3', background: '#3a1618' }}>{part.text}</del>;
        return <span key={index}>{part.text}</span>;
      })}
    </Box>
  );
}
