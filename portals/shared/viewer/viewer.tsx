/** The viewer as a page part: toolbar, series, viewports. The pages give it a controller with studies in it. */
import { Button, Group, Modal, Stack, Text, TextInput, Title } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { useEffect, useState } from 'react';
import { actionForKey, keyOf } from './actions';
import type { ViewerController } from './controller';
import { hasWebGl2 } from './cornerstone';
import type { KeyGroup } from './help-sheet';
import { HelpSheet } from './help-sheet';
import { SeriesList } from './series-list';
import { Toolbar } from './toolbar';
import { useViewer } from './use-viewer';
import classes from './viewer.module.css';
import { ViewportCell } from './viewport-cell';

declare global {
  interface Window {
    /** For tests that aim in millimetres of the patient. */
    radiologyViewer?: ViewerController;
  }
}

export function Viewer({ viewer, pageKeys }: { viewer: ViewerController; pageKeys?: readonly KeyGroup[] }) {
  const layout = useViewer(viewer, () => viewer.layout);
  const isDrawn = useViewer(viewer, (state) => state.firstImageDrawn);
  const narrow = useMediaQuery('(max-width: 48em)') ?? false;
  useKeys(viewer);
  useNotices(viewer);

  useEffect(() => {
    window.radiologyViewer = viewer;
    return () => {
      delete window.radiologyViewer;
    };
  }, [viewer]);

  if (!hasWebGl2()) {
    return <div className={classes.centre}>This browser offers no WebGL 2, without which images cannot be shown. Use a current Chrome, Edge or Firefox with hardware acceleration switched on.</div>;
  }
  return (
    <div className={classes.viewer} data-viewer data-ready={isDrawn || undefined} data-narrow={narrow || undefined}>
      <Toolbar viewer={viewer} narrow={narrow} />
      <SeriesList viewer={viewer} />
      <div className={classes.stage} style={{ gridTemplate: layout.template }}>
        {layout.cells.map((cell) => (
          <ViewportCell key={cell.id} viewer={viewer} cell={cell} />
        ))}
      </div>
      <GraphicsLost viewer={viewer} />
      <HelpSheet viewer={viewer} {...(pageKeys ? { pageKeys } : {})} />
      <TextPrompt viewer={viewer} />
    </div>
  );
}

/** A picture that stands still must not be read for one that follows, so it is covered until the images are drawn anew. */
function GraphicsLost({ viewer }: { viewer: ViewerController }) {
  const isLost = useViewer(viewer, (state) => state.graphicsLost);
  if (!isLost) return null;
  return (
    <div role="alert" className={classes.lost}>
      <Stack align="center" gap="sm" maw={420} ta="center">
        <Title order={2}>The images have stopped</Title>
        <Text size="sm">The browser lost its graphics, as after a sleep, a change of the driver, or without memory. What you wrote and measured is kept.</Text>
        <Group gap="xs">
          <Button onClick={() => void viewer.restoreGraphics()}>Show the images again</Button>
          <Button variant="default" onClick={() => location.reload()}>
            Load the page again
          </Button>
        </Group>
      </Stack>
    </div>
  );
}

/** Keys belong to the images only while nobody types and no dialog is open. */
function useKeys(viewer: ViewerController): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement | null;
      const isTyping = target?.closest('input:not([type=range]), textarea, select, [contenteditable=true], [role=dialog], [role=menu]');
      if (isTyping || event.ctrlKey || event.metaKey || event.altKey) return;
      const onControl = target?.closest('button, a, [role=slider]') && (event.key === ' ' || event.key === 'Enter');
      const action = onControl ? undefined : actionForKey(keyOf(event), viewer);
      if (!action) return;
      event.preventDefault();
      action.run(viewer);
    };
    // Capturing: once a drawing has the focus, the drawing library takes every key for itself.
    window.addEventListener('keydown', onKey, true);
    return () => window.removeEventListener('keydown', onKey, true);
  }, [viewer]);
}

function useNotices(viewer: ViewerController): void {
  const notice = useViewer(viewer, (state) => state.notice);
  useEffect(() => {
    if (!notice) return;
    notifications.show({ message: notice, color: 'yellow', closeButtonProps: { 'aria-label': 'Close' } });
    viewer.notify('');
  }, [notice, viewer]);
}

function TextPrompt({ viewer }: { viewer: ViewerController }) {
  const prompt = useViewer(viewer, (state) => state.textPrompt);
  return (
    <Modal opened={prompt !== null} onClose={() => prompt?.done(null)} title="Text of the arrow" size="sm">
      {prompt && <TextForm current={prompt.current} done={prompt.done} />}
    </Modal>
  );
}

function TextForm({ current, done }: { current: string; done: (text: string | null) => void }) {
  const [text, setText] = useState(current);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        done(text.trim() || null);
      }}
    >
      <TextInput data-autofocus label="Text" value={text} maxLength={120} onChange={(event) => setText(event.currentTarget.value)} />
      <Group justify="flex-end" mt="md">
        <Button variant="default" onClick={() => done(null)}>
          Cancel
        </Button>
        <Button type="submit">Place</Button>
      </Group>
    </form>
  );
}
