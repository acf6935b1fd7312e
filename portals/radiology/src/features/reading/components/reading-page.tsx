/** One case: images on the left, report on the right, whose they are on top. */
import { Loader, Center } from '@mantine/core';
import type { ViewerData } from '@shared/api/types';
import { Loaded } from '@shared/states/states';
import { useCase } from '@shared/viewer/case-opening';
import { ViewerController } from '@shared/viewer/controller';
import { hasImages, NoImages } from '@shared/viewer/no-images';
import { toStudyListing } from '@shared/viewer/study-listing';
import { Viewer } from '@shared/viewer/viewer';
import { useParams } from '@tanstack/react-router';
import { useEffect, useState } from 'react';
import { PAGE_KEYS } from '../domain/keys';
import { useClaim } from '../domain/use-claim';
import { useMeasurements } from '../domain/use-measurements';
import { usePrefetchNextCase } from '../domain/use-next-case';
import { CaseBanner } from './case-banner';
import classes from './reading.module.css';
import { SidePanel } from './side-panel';

export function ReadingPage() {
  const { orderId } = useParams({ from: '/read/$orderId' });
  const query = useCase(orderId);
  return (
    <>
      <h1 className="visually-hidden">Images and report</h1>
      <Loaded query={query} what="case" skeleton={<Center h="100%"><Loader aria-label="Opening the case" /></Center>}>
        {(data) => <Case key={orderId} data={data} />}
      </Loaded>
    </>
  );
}

function Case({ data }: { data: ViewerData }) {
  const [viewer] = useState(() => new ViewerController());
  const claim = useClaim(data.order);
  const kept = useMeasurements(viewer, data);
  usePrefetchNextCase(viewer, data.order.id);

  useEffect(() => {
    void viewer.openExam(data.studies.map((study) => toStudyListing(study, false))).catch(() => viewer.notify('Some images could not be loaded. Reload the page to try again.'));
  }, [viewer, data.studies]);

  useEffect(() => () => viewer.dispose(), [viewer]);

  return (
    <div className={classes.page}>
      <CaseBanner data={{ ...data, order: claim.order }} reader={claim.reader} />
      <div className={classes.images}>
        {hasImages(data) ? <Viewer viewer={viewer} pageKeys={PAGE_KEYS} /> : <NoImages order={data.order} />}
      </div>
      <SidePanel data={data} viewer={viewer} claim={claim} kept={kept} />
    </div>
  );
}
