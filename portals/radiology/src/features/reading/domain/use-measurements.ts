/** Measurements go to the server as they are drawn, and come back on reload as they were. */
import { measurementsQuery, writeMeasurements } from '@shared/api/studies';
import type { ViewerData } from '@shared/api/types';
import { refused } from '@shared/feedback/toasts';
import { ProblemError } from '@shared/http/problem';
import { useMay, usePortal } from '@shared/shell/portal-context';
import type { ViewerController } from '@shared/viewer/controller';
import type { MeasurementRecord } from '@shared/viewer/measurements';
import { useQuery } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef } from 'react';

/** Dragging a handle changes the value with each move; the set is written when the hand rests. */
const REST_MS = 1200;

export function useMeasurements(viewer: ViewerController, { order, study, studies }: ViewerData): void {
  const { me } = usePortal();
  const may = useMay()('measurements.save');
  const saved = useQuery(measurementsQuery(order.id));
  const versions = useRef(new Map<string, number>());
  const isRestored = useRef(false);

  useEffect(() => {
    if (!saved.data || isRestored.current) return;
    isRestored.current = true;
    const restore = async () => {
      await viewer.start();
      for (const { studyInstanceUid, sets } of saved.data.items) {
        for (const set of sets) {
          const isMine = set.readerId === me.id;
          if (isMine) versions.current.set(studyInstanceUid, set.version);
          viewer.restore(set.annotations as unknown as MeasurementRecord[], { locked: !isMine });
        }
      }
    };
    void restore();
  }, [saved.data, viewer, me.id]);

  const shown = useEffectEvent(() => ({ newest: study?.studyInstanceUid ?? '', uids: studies.map(({ studyInstanceUid }) => studyInstanceUid) }));
  const writing = useRef(Promise.resolve());
  const hasStudy = study !== null && study !== undefined;

  // It begins anew only for another viewer or case: news of the studies must not drop what waits to be written.
  useEffect(() => {
    if (!may || !hasStudy) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    let last = '';
    let waiting: (() => Promise<void>) | undefined;
    const write = async (own: MeasurementRecord[], { newest, uids }: ReturnType<typeof shown>) => {
      for (const studyInstanceUid of uids) {
        const annotations = own.filter((record) => belongsTo(record, studyInstanceUid, newest));
        const known = versions.current.get(studyInstanceUid);
        if (annotations.length === 0 && known === undefined) continue;
        const answer = await writeMeasurements(order.id, {
          studyInstanceUid,
          annotations: annotations as unknown as Array<Record<string, never>>,
          ...(known === undefined ? {} : { expectedVersion: known }),
        });
        const mine = answer.sets.find((set) => set.readerId === me.id);
        if (mine) versions.current.set(studyInstanceUid, mine.version);
      }
    };
    const failed = (error: unknown) => {
      // Without a network the next change writes the whole set again; only a refusal needs a person.
      if (error instanceof ProblemError) refused(error, 'Measurements are not saved');
    };
    const flush = () => {
      clearTimeout(timer);
      if (waiting) writing.current = writing.current.then(waiting).catch(failed);
      waiting = undefined;
    };
    const onChange = () => {
      if (!isRestored.current) return;
      const { measurements } = viewer.getState();
      const now = JSON.stringify(measurements.map((record) => [record.uid, record.text, record.annotation.data.handles?.points]));
      if (now === last) return;
      const isFirst = last === '';
      last = now;
      if (isFirst && now === '[]') return;
      const own = measurements.filter((record) => record.annotation.isLocked !== true);
      const where = shown();
      waiting = () => write(own, where);
      clearTimeout(timer);
      timer = setTimeout(flush, REST_MS);
    };
    const stop = viewer.subscribe(onChange);
    return () => {
      stop();
      flush();
    };
  }, [viewer, may, hasStudy, order.id, me.id]);
}

/** A drawing on a reformatted plane has no image of its own; it is kept with the newest study. */
function belongsTo(record: MeasurementRecord, studyInstanceUid: string, newest: string): boolean {
  const reference = record.annotation.metadata?.referencedImageId ?? '';
  return reference ? reference.includes(`/studies/${studyInstanceUid}/`) : studyInstanceUid === newest;
}
