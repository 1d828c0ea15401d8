import { HostsPage } from '../../../../features/hosts/HostsPage';
import { RequirePermission } from '../../../../features/shell/RequirePermission';

export default function Page() {
  return (
    <RequirePermission permission="host:read">
      <HostsPage />
    </RequirePermission>
  );
}
