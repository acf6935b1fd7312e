/** The pictures themselves: nothing in them says whose they are, so that who sends them looks at them. */
import { useEffect, useState } from 'react';
import type { Row } from '../domain/rows';
import classes from './upload.module.css';

/** More would be no preview; a large one takes its time to be drawn. */
const SHOWN = 6;

export function Pictures({ rows }: { rows: Row[] }) {
  return (
    <ul className={classes.pictures} aria-label="Pictures that are sent">
      {rows.slice(0, SHOWN).map((row) => (
        <Picture key={row.id} row={row} />
      ))}
      {rows.length > SHOWN && <li>and {rows.length - SHOWN} more</li>}
    </ul>
  );
}

function Picture({ row: { content } }: { row: Row }) {
  const [address, setAddress] = useState('');
  useEffect(() => {
    const leaving = new AbortController();
    let drawn = '';
    const show = async () => {
      const file = await content.open(leaving.signal);
      if (!leaving.signal.aborted) setAddress((drawn = URL.createObjectURL(file)));
    };
    // One that cannot be shown is told of where it is sent.
    show().catch(() => undefined);
    return () => {
      leaving.abort();
      URL.revokeObjectURL(drawn);
    };
  }, [content]);
  return (
    <li>
      {address && <img src={address} alt={content.path} title={content.path} />}
    </li>
  );
}
