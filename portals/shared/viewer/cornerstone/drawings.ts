/** What is drawn on the images. Drawings belong to the page, not to a viewport. */
import { eventTarget } from '@cornerstonejs/core';
import { annotation, Enums } from '@cornerstonejs/tools';
import type { Types } from '@cornerstonejs/tools';
import type { DrawnAnnotation, OnImage } from '../measurements';
import { onImage } from './instances';

/** All drawings on the page, with their place on an image. */
export function drawnAnnotations(): Array<{ drawn: DrawnAnnotation; on: OnImage | null }> {
  const all = annotation.state.getAllAnnotations() as unknown as DrawnAnnotation[];
  return all.map((drawn) => ({ drawn, on: onImage(drawn.metadata?.referencedImageId ?? '', drawn.data) }));
}

/** Put a drawing back as it was saved. */
export function restoreAnnotation(drawn: DrawnAnnotation, locked: boolean): void {
  const restoredOne = { ...drawn, isLocked: locked, isVisible: true, highlighted: false } as unknown as Types.Annotation;
  annotation.state.addAnnotation(restoredOne, drawn.metadata?.FrameOfReferenceUID ?? '');
  if (locked && drawn.annotationUID) annotation.locking.setAnnotationLocked(drawn.annotationUID, true);
}

export function removeAnnotation(uid: string): void {
  annotation.state.removeAnnotation(uid);
}

export function removeAllAnnotations(): void {
  annotation.state.removeAllAnnotations();
}

export function selectedAnnotations(): string[] {
  return annotation.selection.getAnnotationsSelected();
}

export function selectAnnotation(uid: string): void {
  annotation.selection.setAnnotationSelected(uid, true, false);
}

/** Hear of every finished, changed or removed drawing; values are there one render later. */
export function onAnnotationsChanged(listener: () => void): () => void {
  const events = [
    Enums.Events.ANNOTATION_COMPLETED,
    Enums.Events.ANNOTATION_MODIFIED,
    Enums.Events.ANNOTATION_REMOVED,
    Enums.Events.ANNOTATION_SELECTION_CHANGE,
  ];
  events.forEach((event) => eventTarget.addEventListener(event, listener));
  return () => events.forEach((event) => eventTarget.removeEventListener(event, listener));
}
