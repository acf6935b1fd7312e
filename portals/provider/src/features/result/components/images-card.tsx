/** The images of an order: small pictures, the viewer, and the files to take along. */
import { Button, Group, Paper, Text, Title } from '@mantine/core';
import type { ViewerData } from '@shared/api/types';
import { thumbnailUrl } from '@shared/viewer/thumbnail-url';
import { toStudyListing } from '@shared/viewer/study-listing';
import { IconDownload, IconPhoto } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { archiveUrl } from '../domain/downloads';
import { imageCount, seriesSize } from '../domain/image-count';
import classes from './result.module.css';

export function ImagesCard({ data }: { data: ViewerData }) {
  const { order } = data;
  const studies = data.studies.filter(({ numberOfInstances }) => numberOfInstances > 0);
  if (studies.length === 0) return null;
  return (
    <Paper p="md" component="section" aria-label="Images">
      <Group justify="space-between" mb="xs">
        <Title order={2}>Images</Title>
        <Button component={Link} to="/images/$orderId" params={{ orderId: order.id } as never} leftSection={<IconPhoto size={16} />}>
          Open images
        </Button>
      </Group>
      {studies.map((study) => {
        const { series, label, date } = toStudyListing(study, false);
        const sizes = new Map(study.series.map((one) => [one.seriesInstanceUid, seriesSize(one)]));
        return (
          <section key={study.studyInstanceUid} aria-label={label} className={classes.study}>
            <Group justify="space-between" gap="xs">
              <Text size="sm" c="var(--text-dim)">
                {label}, {date} · {series.length} series, {imageCount(study.numberOfInstances)}
                {study.completeness === 'RECEIVING' ? ', more may come' : ''}
              </Text>
              <Button component="a" href={archiveUrl(study.studyInstanceUid)} download variant="default" leftSection={<IconDownload size={15} />}>
                Download study (DICOM, zip)
              </Button>
            </Group>
            <ul className={classes.thumbnails}>
              {series.slice(0, 12).map((one) => (
                <li key={one.seriesInstanceUid}>
                  <Picture url={thumbnailUrl({ studyInstanceUid: study.studyInstanceUid, seriesInstanceUid: one.seriesInstanceUid })} />
                  <Text size="xs" truncate title={one.description}>
                    {one.description || one.modality}
                  </Text>
                  <Text size="xs" c="var(--text-dim)">
                    {sizes.get(one.seriesInstanceUid)}
                  </Text>
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </Paper>
  );
}

function Picture({ url }: { url: string }) {
  const [isMissing, setMissing] = useState(false);
  if (isMissing) return <div className={classes.noPicture} />;
  return <img src={url} alt="" loading="lazy" onError={() => setMissing(true)} />;
}
