/** Measurements go to the server as they are drawn, and come back on reload as they were; and what has become of them is told. */
import { measurementsQuery, studyQuery, writeMeasurements } from '@shared/api/studies';
import type { ViewerData } from '@shared/api/types';
import { DraftTab } from '@shared/drafts/draft-tab';
import { noted, refused } from '@shared/feedback/toasts';
import { useMay, usePortal } from '@shared/shell/portal-context';
import type { ViewerController } from '@shared/viewer/controller';
import { toStudyListing } from '@shared/viewer/study-listing';
import { useQueryClient } from '@tanstack/react-query';
import { useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { Drawn, Keeping } from './measurement-keeper';
import { AT_FIRST, MeasurementKeeper } from './measurement-keeper';
import { useAskBeforeLeaving } from './use-ask-before-leaving';

export interface KeptMeasurements extends Keeping {
  may: boolean;
  /** Write at once what is not on the server, and load what could not be loaded. */
  saveNow: () => void;
}

export function useMeasurements(viewer: ViewerController, { order, study, studies }: ViewerData): KeptMeasurements {
  const queries = useQueryClient();
  const { me } = usePortal();
  const allowed = useMay();
  const [mayRead, may] = [allowed('measurements.read'), allowed('measurements.save')];
  const [keeping, setKeeping] = useState(AT_FIRST);
  const keeper = useRef<MeasurementKeeper | null>(null);
  /** The newest first. It is asked for after the case was left, too. */
  const shown = useRef<string[]>([]);
  useLayoutEffect(() => {
    const uids = studies.map(({ studyInstanceUid }) => studyInstanceUid);
    const newest = study?.studyInstanceUid;
    shown.current = newest ? [newest, ...uids.filter((uid) => uid !== newest)] : uids;
  }, [study, studies]);

  // It begins anew only for another viewer or case: news of the studies must not drop what waits to be written.
  useEffect(() => {
    if (!mayRead) return;
    let told: unknown = null;
    let isLeft = false;
    const onChange = (now: Keeping) => {
      if (isLeft) return;
      setKeeping(now);
      if (now.error && now.error !== told) refused(now.error, now.isLoaded ? 'Measurements are not saved' : 'Measurements are not loaded');
      told = now.error;
    };
    const own = new MeasurementKeeper({
      readerId: me.id,
      viewer,
      studies: () => shown.current,
      listPrior: (uid) => {
        const listed = queries.fetchQuery(studyQuery(uid)).then((study) => viewer.open(toStudyListing(study, true)));
        listed.catch((error: unknown) => refused(error, 'A prior that was measured is not shown'));
      },
      read: () => queries.fetchQuery({ ...measurementsQuery(order.id), staleTime: 0, retry: false, networkMode: 'always' }),
      write: may ? (body) => writeMeasurements(order.id, body) : null,
      openTab: (onLeft) => new DraftTab<Drawn>({ userId: me.id, subject: `measurements-${order.id}`, takes: 'all', onLeft }),
      onChange,
    });
    keeper.current = own;
    const leave = own.begin();
    return () => {
      isLeft = true;
      void leave().then((fate) => {
        if (fate === 'kept') noted(`They are kept in this browser. Open ${order.accessionNumber} again, and they are saved as soon as that is possible.`, 'Measurements are not on the server yet');
        if (fate === 'lost') noted(`${order.accessionNumber}: they could not be saved, and this browser keeps nothing. Please measure again.`, 'Measurements are lost');
      });
    };
  }, [viewer, mayRead, may, order.id, order.accessionNumber, me.id, queries]);

  useAskBeforeLeaving(keeping.isUnsaved);

  return { ...keeping, may, saveNow: () => void keeper.current?.save() };
}
