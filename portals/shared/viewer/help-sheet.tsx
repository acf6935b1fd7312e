import { Group, Kbd, Modal, Stack, Text } from '@mantine/core';
import type { ActionGroup } from './actions';
import { ACTIONS, keyLabel } from './actions';
import type { ViewerController } from './controller';
import { useViewer } from './use-viewer';
import classes from './viewer.module.css';

const GROUPS: ActionGroup[] = ['Mouse tool', 'Measure', 'Image', 'Move', 'Layout', 'Compare', 'Save', 'Help'];

/** Keys of the page around the viewer, which it does not know by itself. */
export interface KeyGroup {
  title: string;
  keys: ReadonlyArray<{ label: string; names: readonly string[] }>;
}

const OF_THE_VIEWER: readonly KeyGroup[] = GROUPS.map((title) => ({
  title,
  keys: ACTIONS.filter(({ group }) => group === title).map(({ label, keys }) => ({ label, names: keys.map(keyLabel) })),
}));

export function HelpSheet({ viewer, pageKeys = [] }: { viewer: ViewerController; pageKeys?: readonly KeyGroup[] }) {
  const isOpen = useViewer(viewer, (state) => state.helpOpen);
  return (
    <Modal opened={isOpen} onClose={() => viewer.toggleHelp()} title="Keys of the viewer" size="xl">
      <div className={classes.keys}>
        {[...OF_THE_VIEWER, ...pageKeys].map(({ title, keys }) => (
          <Stack key={title} gap={4}>
            <Text fw={600} size="sm">
              {title}
            </Text>
            {keys.map(({ label, names }) => (
              <Group key={label} justify="space-between" wrap="nowrap" gap="xs">
                <Text size="sm">{label}</Text>
                <Group gap={4} wrap="nowrap">
                  {names.map((name) => (
                    <Kbd key={name} size="xs">
                      {name}
                    </Kbd>
                  ))}
                </Group>
              </Group>
            ))}
          </Stack>
        ))}
      </div>
      <Text size="sm" c="dimmed" mt="md">
        Mouse: left button uses the chosen tool, wheel scrolls, middle button pans, right button zooms.
      </Text>
    </Modal>
  );
}
