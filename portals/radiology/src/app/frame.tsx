import { alertsQuery } from '@shared/api/alerts';
import type { Destination } from '@shared/shell/portal-shell';
import { PortalShell } from '@shared/shell/portal-shell';
import { useMay } from '@shared/shell/portal-context';
import {
  IconAlertTriangle,
  IconCalendarTime,
  IconFileSearch,
  IconGauge,
  IconHeartRateMonitor,
  IconListCheck,
  IconPhotoQuestion,
  IconUpload,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Outlet } from '@tanstack/react-router';

export function Frame() {
  const may = useMay();
  const open = useQuery({ ...alertsQuery(['OPEN']), enabled: may('alert.read') });
  const destinations: Destination[] = [
    { to: '/', label: 'Dashboard', icon: IconGauge, needs: 'dashboard.read' },
    { to: '/worklist', label: 'Worklist', icon: IconListCheck, needs: 'worklist.read', isHere: (path) => /^\/(worklist|read)\b/.test(path) },
    { to: '/critical', label: 'Critical findings', icon: IconAlertTriangle, needs: 'alert.read', badge: { count: open.data?.total ?? 0, words: 'open' } },
    { to: '/schedule', label: 'Schedule', icon: IconCalendarTime, needs: 'schedule.read', isHere: (path) => /^\/(schedule|new-order)\b/.test(path) },
    { to: '/upload', label: 'Upload', icon: IconUpload, needs: 'images.upload' },
    { to: '/reports', label: 'Reports', icon: IconFileSearch, needs: 'report.read' },
    { to: '/unmatched', label: 'Unmatched', icon: IconPhotoQuestion, needs: 'studies.sort' },
    { to: '/system', label: 'System', icon: IconHeartRateMonitor, needs: 'health.read' },
  ];
  return (
    <PortalShell name="Radiology" destinations={destinations}>
      <Outlet />
    </PortalShell>
  );
}
