/** The states that every page has besides the good one; designed once. */
import { Button, Center, Skeleton, Stack, Text, ThemeIcon, Title } from '@mantine/core';
import { IconAlertTriangle, IconInbox, IconLock, IconPlugConnectedX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { OfflineError, ProblemError, sentenceOf } from '../http/problem';

interface MessageProps {
  icon: ReactNode;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
  color?: string;
  order?: 1 | 2;
}

function Message({ icon, title, children, action, color = 'gray', order = 2 }: MessageProps) {
  return (
    <Center p="xl" mih={180}>
      <Stack align="center" gap="xs" maw={420} ta="center" style={{ textWrap: 'balance' }}>
        <ThemeIcon size={40} radius="xl" variant="light" color={color} aria-hidden>
          {icon}
        </ThemeIcon>
        <Title order={order} size="h2">{title}</Title>
        {children && (
          <Text size="sm" c="var(--text-dim)">
            {children}
          </Text>
        )}
        {action}
      </Stack>
    </Center>
  );
}

/** Grey bars in the shape of what comes, so that nothing jumps when it is there. */
export function Loading({ rows = 8, height = 28 }: { rows?: number; height?: number }) {
  return (
    <Stack gap={6} p="sm" aria-busy="true">
      <span className="visually-hidden" role="status">
        Loading
      </span>
      {Array.from({ length: rows }, (_, row) => (
        <Skeleton key={row} height={height} radius="sm" />
      ))}
    </Stack>
  );
}

export function Empty({ title, children, action }: { title: string; children?: ReactNode; action?: ReactNode }) {
  return (
    <Message icon={<IconInbox size={20} />} title={title} action={action}>
      {children}
    </Message>
  );
}

export function NoRight({ children }: { children?: ReactNode }) {
  return (
    <Message icon={<IconLock size={20} />} title="Not for your role" color="yellow">
      {children ?? 'Your role does not include this page. Ask a radiology manager if you need it.'}
    </Message>
  );
}

/** In place of what could not be loaded. `what` an address names, in the clinician's word, is said to be missing when the server knows none. */
export function Failed({ error, onRetry, what }: { error: unknown; onRetry?: () => void; what?: string | undefined }) {
  if (error instanceof ProblemError && error.status === 403) return <NoRight>{error.message}</NoRight>;
  if (what && error instanceof ProblemError && error.code === 'not_found')
    return <Empty title={`There is no such ${what}`}>The address may be incomplete, or the {what} is not one that you may see.</Empty>;
  const isOffline = error instanceof OfflineError;
  const retry = onRetry && (
    <Button variant="default" onClick={onRetry}>
      Try again
    </Button>
  );
  return (
    <Message
      icon={isOffline ? <IconPlugConnectedX size={20} /> : <IconAlertTriangle size={20} />}
      title={isOffline ? 'No connection' : 'This could not be loaded'}
      color={isOffline ? 'yellow' : 'red'}
      action={retry}
    >
      {sentenceOf(error)}
    </Message>
  );
}

export interface QueryLike<Data> {
  data: Data | undefined;
  error: unknown;
  isPending: boolean;
  refetch: () => unknown;
}

/** In place of a page: it has the page's heading. */
export function PageWithoutRight() {
  return (
    <Message icon={<IconLock size={20} />} title="Not for your role" color="yellow" order={1}>
      Your role does not include this page. Ask a radiology manager if you need it.
    </Message>
  );
}

/** Skeleton, error or content of a query. What was loaded once stays on screen when a refresh fails. */
export function Loaded<Data>({ query, skeleton, what, children }: { query: QueryLike<Data>; skeleton?: ReactNode; what?: string; children: (data: Data) => ReactNode }) {
  if (query.data !== undefined) return children(query.data);
  if (query.isPending) return skeleton ?? <Loading />;
  return <Failed error={query.error} onRetry={() => void query.refetch()} what={what} />;
}
