import { useUnread } from '@shared/results/use-unread';
import type { Destination } from '@shared/shell/portal-shell';
import { PortalShell } from '@shared/shell/portal-shell';
import { IconAlertTriangle, IconClipboardList, IconClipboardPlus } from '@tabler/icons-react';
import { Outlet } from '@tanstack/react-router';
import { CriticalWatch } from '../features/critical/components/critical-watch';
import { useMyDuties } from '../features/critical/domain/use-my-duties';
import { Bell } from '../features/notices/components/bell';

export function Frame() {
  const duties = useMyDuties();
  const { unread } = useUnread();
  const destinations: Destination[] = [
    { to: '/', label: 'My orders', icon: IconClipboardList, needs: 'order.read', isHere: (path) => path === '/' || /^\/(orders|images)\//.test(path), badge: { count: unread.length, words: 'new results' } },
    { to: '/new', label: 'New order', icon: IconClipboardPlus, needs: 'order.create' },
    { to: '/critical', label: 'Critical', icon: IconAlertTriangle, needs: 'alert.read', badge: { count: duties.length, words: 'to answer' } },
  ];
  return (
    <PortalShell name="Imaging" destinations={destinations} banner={<CriticalWatch />} tools={<Bell />}>
      <Outlet />
    </PortalShell>
  );
}
