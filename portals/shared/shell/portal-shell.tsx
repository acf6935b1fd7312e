/** The frame of every page: where one can go, who one is, whether the line is alive, what time it is here. */
import { AppShell, Box, Button, Group, Menu, Modal, Stack, Text, Tooltip, UnstyledButton } from '@mantine/core';
import { IconBuildingHospital, IconChevronDown, IconCircleFilled, IconLogout, IconPlugConnectedX } from '@tabler/icons-react';
import { Link, useRouterState } from '@tanstack/react-router';
import type { ComponentType, ReactNode } from 'react';
import { useState } from 'react';
import { ask } from '../api/ask';
import { signOut } from '../api/generated/sdk.gen';
import { countDrafts, removeDraftsOf } from '../drafts/draft-store';
import { refused } from '../feedback/toasts';
import { useLiveState } from '../live/live';
import { ConnectionBanner } from '../states/connection-banner';
import { SignInAgain } from '../states/sign-in-again';
import { useNow } from '../time/use-now';
import { useClock, useMay, usePortal } from './portal-context';
import classes from './portal-shell.module.css';

export interface Destination {
  to: string;
  label: string;
  icon: ComponentType<{ size?: number; stroke?: number }>;
  /** Action of the gateway's permission table without which the page is not offered. */
  needs: string;
  /** Pages that belong to this one; without it, those below its address. */
  isHere?: (path: string) => boolean;
  /** A number that asks for attention, with its words for a screen reader. */
  badge?: { count: number; words: string } | undefined;
}

const ROLE_NAMES: Record<string, string> = {
  RADIOLOGIST: 'Radiologist',
  RADIOLOGY_TECH: 'Technologist',
  RADIOLOGY_MANAGER: 'Manager',
  PROVIDER: 'Referring provider',
};

export function PortalShell({ name, destinations, banner, tools, children }: { name: string; destinations: Destination[]; banner?: ReactNode; tools?: ReactNode; children: ReactNode }) {
  const may = useMay();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const isReading = /^\/(read|images)\//.test(path);
  return (
    <AppShell header={{ height: 44 }} navbar={{ width: isReading ? 52 : { base: 52, lg: 192 }, breakpoint: 'xs', collapsed: { mobile: true } }} padding={0} className={classes.shell}>
      <a href="#content" className={classes.skip}>
        Skip to the content
      </a>
      {/* No banner: the head of an open dialog is one, and a page has one at most. */}
      <AppShell.Header component="div" className={classes.header} role="region" aria-label="Portal">
        <Group gap={8} wrap="nowrap">
          <IconBuildingHospital size={20} stroke={1.6} color="var(--info)" aria-hidden />
          <Text fw={650} size="md" style={{ whiteSpace: 'nowrap' }}>
            {name}
          </Text>
        </Group>
        <Group gap="md" wrap="nowrap">
          <LiveMark />
          <HospitalClock />
          {tools}
          <PersonMenu />
        </Group>
      </AppShell.Header>
      <AppShell.Navbar className={classes.navbar} component="nav" aria-label="Pages" data-slim={isReading || undefined}>
        <NavigationLinks destinations={destinations.filter(({ needs }) => may(needs))} path={path} />
      </AppShell.Navbar>
      <AppShell.Main id="content" className={classes.main}>
        {banner}
        <Box className={classes.page}>{children}</Box>
        <nav className={classes.bottomBar} aria-label="Pages">
          <NavigationLinks destinations={destinations.filter(({ needs }) => may(needs))} path={path} />
        </nav>
        <div id="menus" />
      </AppShell.Main>
      <ConnectionBanner />
      <SignInAgain />
    </AppShell>
  );
}

function NavigationLinks({ destinations, path }: { destinations: Destination[]; path: string }) {
  return destinations.map(({ to, label, icon: Icon, badge, isHere: belongs = (at: string) => (to === '/' ? at === '/' : at.startsWith(to)) }) => {
    const isHere = belongs(path);
    return (
      <Link key={to} to={to} className={classes.link} aria-current={isHere ? 'page' : undefined} title={label}>
        <Icon size={18} stroke={1.7} />
        <span className={classes.label}>{label}</span>
        {badge && badge.count > 0 && (
          <span className={classes.badge}>
            {badge.count}
            <span className="visually-hidden"> {badge.words}</span>
          </span>
        )}
      </Link>
    );
  });
}

function LiveMark() {
  const state = useLiveState();
  const isLive = state === 'live';
  return (
    <Tooltip label={isLive ? 'Everything on this page follows by itself' : 'Connecting to the live stream'}>
      <Group gap={5} c={isLive ? 'var(--good)' : 'var(--warning)'} wrap="nowrap" visibleFrom="xs">
        {isLive ? <IconCircleFilled size={8} aria-hidden /> : <IconPlugConnectedX size={14} aria-hidden />}
        <Text span size="xs">
          {isLive ? 'Live' : 'Connecting'}
        </Text>
      </Group>
    </Tooltip>
  );
}

function HospitalClock() {
  const clock = useClock();
  const now = useNow();
  return (
    <Tooltip label={`All times are the hospital's: ${clock.zone}`}>
      <Text size="sm" className="tabular" style={{ whiteSpace: 'nowrap' }}>
        {clock.time(new Date(now))}{' '}
        <Text span size="xs" c="var(--text-dim)" visibleFrom="sm">
          {clock.zone.replaceAll('_', ' ')}
        </Text>
      </Text>
    </Tooltip>
  );
}

/** The session ends here first; the answer says where the one at the identity provider ends. */
async function leave(userId: string): Promise<void> {
  const { url } = await ask(signOut());
  // Whoever sits down here next must find nothing of a patient; the next sign-in tidies what this misses.
  await removeDraftsOf(userId).catch(() => undefined);
  location.assign(url);
}

/** Sign out; whoever has text that is only in this browser is asked first. */
function useSignOut() {
  const { id } = usePortal().me;
  const [unsaved, setUnsaved] = useState(0);
  const signOutNow = () => void leave(id).catch((error: unknown) => refused(error, 'Not signed out'));
  const begin = async () => {
    const count = await countDrafts(id).catch(() => 0);
    if (count > 0) setUnsaved(count);
    else signOutNow();
  };
  return { unsaved, begin: () => void begin(), stay: () => setUnsaved(0), signOutNow };
}

function PersonMenu() {
  const { me, house } = usePortal();
  const { unsaved, begin, stay, signOutNow } = useSignOut();
  return (
    <>
      <Menu position="bottom-end" width={220}>
        <Menu.Target>
          <UnstyledButton className={classes.person}>
            <span>
              <Text span size="sm" fw={600} style={{ whiteSpace: 'nowrap' }}>
                {me.name}
              </Text>
              <Text span size="xs" c="var(--text-dim)" ml={6} visibleFrom="md">
                {me.roles.map((role) => ROLE_NAMES[role] ?? role).join(', ')}
              </Text>
            </span>
            <IconChevronDown size={14} aria-hidden />
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{house.hospitalName}</Menu.Label>
          <Menu.Item leftSection={<IconLogout size={15} />} onClick={begin}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={unsaved > 0} onClose={stay} title="Text that is not on the server">
        <Stack gap="md">
          <Text size="sm">
            {unsaved === 1 ? 'One text that you began is' : `${unsaved} texts that you began are`} only in this browser. Signing out removes what is not saved.
          </Text>
          <Group justify="flex-end">
            <Button variant="default" onClick={signOutNow}>
              Sign out and remove
            </Button>
            <Button onClick={stay} data-autofocus>
              Stay and save
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
