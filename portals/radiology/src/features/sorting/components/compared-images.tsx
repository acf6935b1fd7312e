import { Skeleton, Text } from '@mantine/core';
import { useInViewport } from '@mantine/hooks';
import { comparisonQuery, quarantinePictureQuery } from '@shared/api/studies';
import type { QuarantineComparison, QuarantinedItem } from '@shared/api/types';
import { sentenceOf } from '@shared/http/problem';
import { IconAlertTriangle, IconPhotoOff } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useCallback } from 'react';
import { comparedFacts } from '../domain/compared-facts';
import classes from './sorting.module.css';

const LINES = 11;

/** An image in quarantine beside what it contradicts. A long list asks for what the reader gets to see only. */
export function ComparedImages({ item }: { item: QuarantinedItem }) {
  const { ref, inViewport } = useInViewport();
  const comparison = useQuery({ ...comparisonQuery(item.studyInstanceUid, item.instance.id), enabled: inViewport });
  const beside = item.instance.stored ? 'Stored under the same number' : 'An image of the study it names';
  const isAlone = comparison.data?.stored === null;
  // Whether there is something to compare with, where nothing has its number, is told by the comparison only.
  const isKnown = item.instance.stored !== null || Boolean(comparison.data?.stored);
  return (
    <div ref={ref} className={classes.compared}>
      <Picture item={item} which="received" title="In quarantine" isSeen={inViewport} />
      {comparison.data ? <Facts comparison={comparison.data} beside={beside} /> : <Waiting error={comparison.error} />}
      {isAlone ? <Missing title={beside}>Nothing else is stored of this study.</Missing> : <Picture item={item} which="stored" title={beside} isSeen={inViewport && isKnown} />}
    </div>
  );
}

function Waiting({ error }: { error: unknown }) {
  if (!error) return <Skeleton height={LINES * 20} radius="sm" />;
  return (
    <Text size="sm" role="alert">
      What the images say of themselves could not be loaded. {sentenceOf(error)}
    </Text>
  );
}

function Facts({ comparison, beside }: { comparison: QuarantineComparison; beside: string }) {
  const { received, stored } = comparison;
  return (
    <div>
      <table className={classes.table}>
        <thead>
          <tr>
            <td />
            <th scope="col">In quarantine</th>
            <th scope="col">{stored ? beside : ''}</th>
          </tr>
        </thead>
        <tbody>
          {comparedFacts(comparison).map((fact) => (
            <tr key={fact.what} data-differs={fact.differs || undefined}>
              <th scope="row">{fact.what}</th>
              <td title={fact.received}>{fact.received || '–'}</td>
              <td title={fact.stored}>
                {fact.differs && <IconAlertTriangle size={12} role="img" aria-label="Differs:" />} {fact.stored || '–'}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      <Unread side="The image in quarantine" problem={received.problem} />
      <Unread side="The other image" problem={stored?.problem ?? ''} />
    </div>
  );
}

function Unread({ side, problem }: { side: string; problem: string }) {
  if (!problem) return null;
  return (
    <Text size="sm" mt={4}>
      {side} says nothing of itself: {problem}
    </Text>
  );
}

interface PictureProps {
  item: QuarantinedItem;
  which: 'received' | 'stored';
  title: string;
  isSeen: boolean;
}

function Picture({ item, which, title, isSeen }: PictureProps) {
  const picture = useQuery({ ...quarantinePictureQuery(item.studyInstanceUid, item.instance.id, which), enabled: isSeen });
  if (picture.error) return <Missing title={title}>{sentenceOf(picture.error)}</Missing>;
  return (
    <figure className={classes.figure}>
      {picture.data ? <Drawn blob={picture.data} alt={title} /> : <Skeleton className={classes.picture} />}
      <figcaption>{title}</figcaption>
    </figure>
  );
}

function Missing({ title, children }: { title: string; children: string }) {
  return (
    <figure className={classes.figure}>
      <div className={classes.noPicture}>
        <IconPhotoOff size={20} aria-hidden />
        {children}
      </div>
      <figcaption>{title}</figcaption>
    </figure>
  );
}

function Drawn({ blob, alt }: { blob: Blob; alt: string }) {
  const show = useCallback(
    (image: HTMLImageElement) => {
      const url = URL.createObjectURL(blob);
      image.src = url;
      return () => URL.revokeObjectURL(url);
    },
    [blob],
  );
  return <img ref={show} className={classes.picture} alt={alt} />;
}
