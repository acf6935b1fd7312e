import { ActionIcon, Divider, Group, NumberInput, Popover, Slider, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconChevronDown, IconPlayerPause, IconSunHigh } from '@tabler/icons-react';
import { Fragment, useState } from 'react';
import type { ActionGroup, ViewerAction } from './actions';
import { ACTIONS, keyLabel } from './actions';
import type { ViewerController } from './controller';
import { useViewer } from './use-viewer';
import classes from './viewer.module.css';
import { presetsFor } from './window-presets';

const GROUPS: ActionGroup[] = ['Mouse tool', 'Measure', 'Image', 'Move', 'Layout', 'Compare', 'Save', 'Help'];

/** Planes are not turned: the slab has the place of these three, so that the row stays one row and nothing moves. */
const TURNS = ['rotate', 'flip-h', 'flip-v'];

export function Toolbar({ viewer, narrow }: { viewer: ViewerController; narrow: boolean }) {
  const state = useViewer(viewer, (current) => current);
  const isPlanes = state.layout === 'mpr';
  const isOff = (action: ViewerAction) => (viewer.readOnly && action.id === 'delete') || (isPlanes && TURNS.includes(action.id)) || (narrow && action.id === 'tool-crosshairs');
  const shown = (action: ViewerAction) => action.inToolbar && (action.isAllowed(state, viewer) || (alwaysThere(action) && !isOff(action)));
  return (
    <div className={classes.toolbar} role="toolbar" aria-label="Image tools">
      {GROUPS.map((group, index) => {
        const actions = ACTIONS.filter((action) => action.group === group && shown(action));
        if (actions.length === 0 || (narrow && (group === 'Help' || group === 'Layout'))) return null;
        return (
          <Fragment key={group}>
            {index > 0 && <span className={classes.divider} data-spare={actions.every(({ isSpare }) => isSpare) || undefined} aria-hidden />}
            {actions.map((action) => (
              <Fragment key={action.id}>
                <ActionButton action={action} viewer={viewer} />
                {isPlanes && action.id === 'invert' && <SlabMenu viewer={viewer} />}
              </Fragment>
            ))}
            {group === 'Mouse tool' && <WindowMenu viewer={viewer} />}
          </Fragment>
        );
      })}
    </div>
  );
}

/** Buttons that come and go would move the others under the hand; these are shown switched off instead. */
function alwaysThere(action: ViewerAction): boolean {
  return ['tool-crosshairs', 'layout-mpr', 'layout-prior', 'link', 'unlink', 'cine', 'delete', 'rotate', 'flip-h', 'flip-v', 'save-picture', 'save-instance'].includes(action.id);
}

function ActionButton({ action, viewer }: { action: ViewerAction; viewer: ViewerController }) {
  const isActive = useViewer(viewer, (state) => action.isActive?.(state) ?? false);
  const isAllowed = useViewer(viewer, (state) => action.isAllowed(state, viewer));
  // Who comes to it by keyboard or mouse is to hear why, so it stays within reach.
  const reason = useViewer(viewer, () => (isAllowed ? undefined : action.whyNot?.(viewer)));
  const Icon = action.id === 'cine' && isActive ? IconPlayerPause : action.icon;
  if (!Icon) return null;
  return (
    <Tooltip label={reason ?? `${action.label} (${action.keys.map(keyLabel).join(' or ')})`} events={{ hover: true, focus: reason !== undefined, touch: false }}>
      <ActionIcon
        className={classes.tool}
        data-spare={action.isSpare}
        aria-label={action.label}
        aria-keyshortcuts={action.keys[0]}
        aria-pressed={action.isActive ? isActive : undefined}
        variant={isActive ? 'filled' : 'subtle'}
        color={isActive ? 'sea' : 'gray'}
        aria-description={reason}
        aria-disabled={reason ? true : undefined}
        data-disabled={reason ? true : undefined}
        disabled={!isAllowed && !reason}
        size={28}
        onClick={() => action.run(viewer)}
      >
        <Icon size={17} stroke={1.7} />
      </ActionIcon>
    </Tooltip>
  );
}

function WindowMenu({ viewer }: { viewer: ViewerController }) {
  const modality = useViewer(viewer, () => viewer.activeSet?.modality ?? '');
  const active = useViewer(viewer, (state) => state.active);
  const presets = presetsFor(modality);
  const view = viewer.view(active);
  const [isOpen, setOpen] = useState(false);
  const set = (change: () => void) => {
    change();
    setOpen(false);
  };
  const [isTooNarrow, setTooNarrow] = useState(false);
  const setWidth = (width: number) => {
    setTooNarrow(width < 1);
    if (width >= 1) viewer.setWindow(viewer.view(active)?.center ?? 0, width);
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" width={240} trapFocus returnFocus shadow="md">
      <Popover.Target>
        <UnstyledButton px={8} h={28} fz="sm" aria-label="Window presets" onClick={() => setOpen(!isOpen)}>
          <Group gap={4}>
            <IconSunHigh size={16} stroke={1.7} />
            Window
            <IconChevronDown size={12} />
          </Group>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p={4} aria-label="Window presets">
        {presets.map((preset, index) => (
          <UnstyledButton key={preset.name} className={classes.preset} onClick={() => set(() => viewer.setPreset(index + 1))}>
            <span>
              {preset.name}{' '}
              {'center' in preset && (
                <Text span size="xs" c="dimmed">
                  {preset.width} / {preset.center}
                </Text>
              )}
            </span>
            <Text span size="xs" c="dimmed">
              {index + 1}
            </Text>
          </UnstyledButton>
        ))}
        <UnstyledButton className={classes.preset} onClick={() => set(() => viewer.resetWindow())}>
          As the scanner set it
        </UnstyledButton>
        <Divider my={4} />
        <Group gap={6} p={8} grow>
          <NumberInput label="Width" min={1} clampBehavior="none" error={isTooNarrow && 'At least 1.'} defaultValue={Math.round(view?.width ?? 400)} onChange={(width) => setWidth(Number(width))} />
          <NumberInput label="Level" clampBehavior="none" defaultValue={Math.round(view?.center ?? 40)} onChange={(center) => viewer.setWindow(Number(center), viewer.view(active)?.width ?? 1)} />
        </Group>
      </Popover.Dropdown>
    </Popover>
  );
}

function SlabMenu({ viewer }: { viewer: ViewerController }) {
  const slab = useViewer(viewer, (state) => state.slabMm);
  const [isOpen, setOpen] = useState(false);
  return (
    <Popover opened={isOpen} onChange={setOpen} position="bottom-start" width={240} trapFocus returnFocus shadow="md">
      <Popover.Target>
        <UnstyledButton className={classes.slab} h={28} fz="sm" aria-label={slab > 0 ? `Slab, ${slab} mm` : 'Slab'} data-on={slab > 0 || undefined} onClick={() => setOpen(!isOpen)}>
          {slab > 0 ? `${slab} mm` : 'Slab'}
          <IconChevronDown size={12} />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown p="sm" aria-label="Slab">
        <Group justify="space-between" mb={6}>
          <Text size="sm">Slab, brightest pixels</Text>
          <Text size="sm" c="dimmed" className="tabular">
            {slab > 0 ? `${slab} mm` : 'off'}
          </Text>
        </Group>
        <Slider data-autofocus size="xs" min={0} max={60} step={5} value={slab} label={null} thumbLabel="Slab thickness" onChange={(value) => viewer.setSlab(value)} />
      </Popover.Dropdown>
    </Popover>
  );
}
