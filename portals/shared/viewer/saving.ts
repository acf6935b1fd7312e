/**
 * What a reader takes along of one viewport: the picture as it is seen, or the DICOM file behind it.
 *
 * What must stay true: neither the picture, nor the name of a file, nor an address says whose image it is.
 */
import { orProblem, portalFetch } from '../http/http';
import type { ViewState } from './cornerstone';
import type { DisplaySet, SeriesAddress } from './display-sets';
import { seriesPath } from './display-sets';
import { LAYOUTS } from './layouts';
import type { EdgeLetters } from './orientation';

const STRIP = 26;
const FONT = '"Inter Variable", "DejaVu Sans", sans-serif';

/** Draw pixels, drawings and the letters of the sides as they stand in the viewport, and the words on a strip below. */
export async function pictureOf(viewport: HTMLElement, letters: EdgeLetters | null, words: string): Promise<Blob> {
  const shown = viewport.querySelector('canvas');
  if (!shown) throw new Error('nothing is shown');
  const scale = shown.width / viewport.clientWidth;
  const [width, height] = [viewport.clientWidth, viewport.clientHeight];
  const picture = document.createElement('canvas');
  [picture.width, picture.height] = [shown.width, Math.round(shown.height + STRIP * scale)];
  const pen = picture.getContext('2d') as CanvasRenderingContext2D;
  pen.drawImage(shown, 0, 0);
  // What is drawn over the pixels must be seen on bright ones too.
  Object.assign(pen, { shadowColor: '#000', shadowBlur: 3 * scale });
  const drawings = viewport.querySelector<SVGSVGElement>('svg.svg-layer');
  if (drawings) pen.drawImage(await asImage(drawings, width, height), 0, 0, shown.width, shown.height);
  pen.scale(scale, scale);
  if (letters) writeLetters(pen, letters, width, height);
  pen.shadowColor = 'transparent';
  writeStrip(pen, words, width, height);
  return new Promise((resolve, reject) => picture.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('no picture'))), 'image/png'));
}

async function asImage(drawings: SVGSVGElement, width: number, height: number): Promise<HTMLImageElement> {
  const copy = drawings.cloneNode(true) as SVGSVGElement;
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const image = new Image(width, height);
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(copy))}`;
  await image.decode();
  return image;
}

function writeLetters(pen: CanvasRenderingContext2D, { top, right, bottom, left }: EdgeLetters, width: number, height: number): void {
  pen.font = `600 13px ${FONT}`;
  pen.fillStyle = '#9fd8e4';
  pen.textBaseline = 'middle';
  const write = (letter: string, x: number, y: number, align: CanvasTextAlign) => {
    pen.textAlign = align;
    pen.fillText(letter, x, y);
  };
  write(top, width / 2, 14, 'center');
  write(bottom, width / 2, height - 14, 'center');
  write(left, 8, height / 2, 'left');
  write(right, width - 8, height / 2, 'right');
}

function writeStrip(pen: CanvasRenderingContext2D, words: string, width: number, height: number): void {
  pen.fillStyle = '#10161c';
  pen.fillRect(0, height, width, STRIP);
  pen.font = `12px ${FONT}`;
  pen.fillStyle = '#ffd479';
  pen.textBaseline = 'middle';
  pen.textAlign = 'left';
  pen.fillText(words, 8, height + STRIP / 2, width - 16);
}

/** Have it written down that a picture leaves the house: it is made here, so the server would not know. */
export async function tellPicture(series: SeriesAddress): Promise<void> {
  await orProblem(await portalFetch(`${seriesPath(series)}/pictures`, { method: 'POST' }));
}

/** The DICOM file of an instance, as it was received; the server decides who gets it. */
export async function fileOf(instance: SeriesAddress & { sopInstanceUid: string }): Promise<Blob> {
  const headers = { Accept: 'application/dicom' };
  const address = `${seriesPath(instance)}/instances/${encodeURIComponent(instance.sopInstanceUid)}`;
  return (await orProblem(await portalFetch(address, { headers }))).blob();
}

export function save(file: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // The browser has taken hold of it once this task is done.
  setTimeout(() => URL.revokeObjectURL(link.href));
}

/** Which image of which series it is, as a reader would say it. */
export function placeWords(set: DisplaySet, cell: string, view: ViewState): string {
  const isPlane = LAYOUTS.mpr.cells.some(({ id }) => id === cell);
  const [place, number] = [view.index + 1, set.images[view.index]?.number];
  const words = isPlane || !number || number === place ? `${place} of ${view.count}` : `${number}, ${place} of ${view.count}`;
  return `${set.modality} series ${set.seriesNumber}, ${isPlane ? `${cell} plane` : 'image'} ${words}`;
}

export const fileName = (set: DisplaySet, cell: string, view: ViewState): string => placeWords(set, cell, view).replace(/(, \d+)? of .*/, '').replace(/[^A-Za-z0-9]+/g, '-');
