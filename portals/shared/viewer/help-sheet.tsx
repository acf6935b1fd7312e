import { Group, Kbd, Modal, Stack, Text } from '@mantine/core';
import type { ActionGroup } from './actions';
import { ACTIONS, keyLabel } from './actions';
import type { ViewerController } from './controller';
import { useViewer } from './use-viewer';
import classes from './viewer.module.css';

const GROUPS: ActionGroup[] = ['Mouse tool', 'Measure', 'Image', 'Move', 'Layout', 'Compare', 'Save', 'Help'];

export function HelpSheet({ viewer }: { viewer: ViewerController }) {
  const isOpen = useViewer(viewer, (state) => state.helpOpen);
  return (
    <Modal opened={isOpen} onClose={() => viewer.toggleHelp()} title="Keys of the viewer" size="xl">
      <div className={classes.keys}>
        {GROUPS.map((group) => (
          <Stack key={group} gap={4}>
            <Text fw={600} size="sm">
              {group}
            </Text>
            {ACTIONS.filter((action) => action.group === group).map((action) => (
              <Group key={action.id} justify="space-between" wrap="nowrap" gap="xs">
                <Text size="sm">{action.label}</Text>
                <Group gap={4} wrap="nowrap">
                  {action.keys.map((key) => (
                    <Kbd key={key} size="xs">
                      {keyLabel(key)}
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
