/** What is seen where a page is not: none at this address, not here yet, or not to be had. The same in both portals. */
import { Page } from '@shared/shell/page';
import { Empty, Failed, Loading } from '@shared/states/states';
import type { ErrorComponentProps } from '@tanstack/react-router';

export function NotFound() {
  return (
    <Page title="Not found">
      <Empty title="There is no such page">What you look for may have another address now.</Empty>
    </Page>
  );
}

export const betweenPages = {
  defaultPreload: 'intent',
  defaultPendingComponent: () => <Loading />,
  defaultErrorComponent: ({ error, reset }: ErrorComponentProps) => <Failed error={error} onRetry={reset} />,
} as const;
