/** What every page of both portals stands in: theme, server cache, notifications. */
import '@fontsource-variable/inter';
import '@mantine/core/styles.css';
import '@mantine/dates/styles.css';
import '@mantine/notifications/styles.css';
import './global.css';
import { MantineProvider } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import type { QueryClient } from '@tanstack/react-query';
import { QueryClientProvider } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import classes from '../feedback/toasts.module.css';
import { MOST_AT_ONCE } from '../feedback/toasts';
import { theme } from './theme';

export function PortalProviders({ queryClient, children }: { queryClient: QueryClient; children: ReactNode }) {
  return (
    <MantineProvider theme={theme} forceColorScheme="dark">
      <QueryClientProvider client={queryClient}>
        <Notifications position="top-center" autoClose={6000} limit={MOST_AT_ONCE} classNames={{ root: classes.place }} />
        {children}
      </QueryClientProvider>
    </MantineProvider>
  );
}
