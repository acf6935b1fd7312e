/** One viewport: the element that the stage draws into, and the words over it. */
import { Loader, Text } from '@mantine/core';
import { useEffect, useRef, useState } from 'react';
import type { ViewerController } from './controller';
import type { ViewState } from './cornerstone';
import type { Cell } from './layouts';
import type { EdgeLetters } from './orientation';
import { useViewer } from './use-viewer';
import classes from './viewer.module.css';

interface Shown {
  view: ViewState | null;
  letters: EdgeLetters | null;
}

/** Follows the viewport by its own events, so that scrolling never renders the page around it. */
function useShown(viewer: ViewerController, cell: string, hung: string | undefined): Shown {
  const [shown, setShown] = useState<Shown>({ view: null, letters: null });
  useEffect(() => {
    let waiting = 0;
    const read = () => {
      waiting ||= requestAnimationFrame(() => {
        waiting = 0;
        setShown({ view: viewer.view(cell), letters: viewer.letters(cell) });
      });
    };
    const stop = viewer.onViewChange(cell, read);
    read();
    return () => {
      cancelAnimationFrame(waiting);
      stop();
    };
  }, [viewer, cell, hung]);
  return shown;
}

export function ViewportCell({ viewer, cell }: { viewer: ViewerController; cell: Cell }) {
  const element = useRef<HTMLDivElement>(null);
  const { id, orientation } = cell;
  const isActive = useViewer(viewer, (state) => state.active === id);
  const isDrawn = useViewer(viewer, (state) => state.firstImageDrawn);
  const hung = useViewer(viewer, (state) => state.hung[id]);
  useEffect(() => {
    if (!element.current) return;
    viewer.mount(id, element.current, orientation);
    return () => viewer.unmount(id);
  }, [viewer, id, orientation]);
  // After the effect above: only a mounted cell has events to follow.
  const shown = useShown(viewer, id, isDrawn ? hung : undefined);

  return (
    <div
      className={classes.cell}
      style={{ gridArea: cell.area }}
      data-cell={id}
      data-active={isActive || undefined}
      onPointerDownCapture={() => viewer.press(id)}
      onWheelCapture={() => viewer.turn(id)}
    >
      <div ref={element} className={classes.canvas} onContextMenu={(event) => event.preventDefault()} />
      {hung ? <Overlay viewer={viewer} cell={cell} shown={shown} /> : <EmptyCell viewer={viewer} prior={cell.prior ?? false} />}
    </div>
  );
}

function EmptyCell({ viewer, prior }: { viewer: ViewerController; prior: boolean }) {
  const isLoading = useViewer(viewer, (state) => state.sets.length === 0 && state.studies.some((study) => study.series.length > 0));
  return (
    <div className={classes.centre}>
      {isLoading ? <Loader aria-label="Loading images" /> : <Text size="sm">{prior ? 'Choose a prior study' : 'Choose a series on the left'}</Text>}
    </div>
  );
}

function Overlay({ viewer, cell, shown }: { viewer: ViewerController; cell: Cell; shown: Shown }) {
  const set = useViewer(viewer, () => viewer.setOf(cell.id));
  const cached = useViewer(viewer, (state) => (state.active === cell.id ? state.cached : null));
  const cine = useViewer(viewer, (state) => (state.cine?.cell === cell.id ? state.cine : null));
  const volume = useViewer(viewer, (state) => (cell.orientation ? state.volume : null));
  const { view, letters } = shown;
  if (!set) return null;
  const study = viewer.studyOf(set);
  const image = cell.orientation ? undefined : set.images[view?.index ?? 0];
  return (
    <>
      <div className={`${classes.corner} ${classes.topLeft}`}>
        {study?.prior && <div className={classes.warningText}>PRIOR · {study.date}</div>}
        <div>
          {set.seriesNumber ? `${set.seriesNumber} · ` : ''}
          {set.description || set.modality}
        </div>
        {cell.orientation && <div>{cell.orientation.charAt(0).toUpperCase() + cell.orientation.slice(1)}</div>}
        {volume && volume.step > 1 && <div className={classes.warningText}>Large series: made of every {ordinal(volume.step)} slice</div>}
        {!cell.orientation && cached && cached.total < set.images.length && <div className={classes.warningText}>Large series: the nearest {cached.total} images are loaded ahead</div>}
      </div>
      <div className={`${classes.corner} ${classes.topRight}`}>
        {view && view.slabMm > 0 && <div>MIP {view.slabMm} mm</div>}
        {cine?.cached === 1 && <div>{viewer.fps(set).toFixed(0)} fps</div>}
      </div>
      <div className={`${classes.corner} ${classes.bottomLeft}`}>
        {set.calibrationNote && <div className={classes.warningText}>{set.calibrationNote}</div>}
        {view?.width != null && (
          <div>
            W {Math.round(view.width)} · L {Math.round(view.center ?? 0)}
            {view.inverted ? ' · inverted' : ''}
          </div>
        )}
      </div>
      <div className={`${classes.corner} ${classes.bottomRight}`}>
        {image?.position !== undefined && <div>{image.position.toFixed(1)} mm</div>}
        {view && image && image.number !== view.index + 1 && <div>Image {image.number}</div>}
        <div data-testid={`image-number-${cell.id}`}>
          {view ? view.index + 1 : '–'} / {view?.count || set.images.length}
        </div>
      </div>
      {letters && <Edges letters={letters} />}
      {view && view.count > 1 && (
        <input
          type="range"
          className={classes.slider}
          aria-label={`Image in ${cell.orientation ?? `viewport ${cell.id.toUpperCase()}`}`}
          min={0}
          max={view.count - 1}
          value={view.index}
          onChange={(event) => viewer.goTo(event.currentTarget.valueAsNumber, cell.id)}
        />
      )}
      <Progress share={volume ? volume.share : cine?.cached ?? (cached && cached.total > 1 ? cached.loaded / cached.total : 1)} />
    </>
  );
}

function Edges({ letters }: { letters: EdgeLetters }) {
  return (
    <>
      <span className={classes.edge} data-edge="top" style={{ top: 6, left: '50%', transform: 'translateX(-50%)' }}>{letters.top}</span>
      <span className={classes.edge} data-edge="right" style={{ right: 20, top: '50%', transform: 'translateY(-50%)' }}>{letters.right}</span>
      <span className={classes.edge} data-edge="bottom" style={{ bottom: 6, left: '50%', transform: 'translateX(-50%)' }}>{letters.bottom}</span>
      <span className={classes.edge} data-edge="left" style={{ left: 8, top: '50%', transform: 'translateY(-50%)' }}>{letters.left}</span>
    </>
  );
}

function Progress({ share }: { share: number }) {
  if (share >= 1) return null;
  return (
    <div className={classes.progress} role="progressbar" aria-label="Images loaded" aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}>
      <div style={{ width: `${share * 100}%` }} />
    </div>
  );
}

function ordinal(step: number): string {
  return step === 2 ? '2nd' : step === 3 ? '3rd' : `${step}th`;
}
