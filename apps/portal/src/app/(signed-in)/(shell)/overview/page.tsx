import { Overview } from '../../../../features/overview/Overview';
import { RequirePermission } from '../../../../features/shell/RequirePermission';

export default function Page() {
  return (
    <RequirePermission permission="machine:read">
      <Overview />
    </RequirePermission>
  );
}
