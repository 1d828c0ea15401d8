import { MachinesPage } from '../../../../features/machines/MachinesPage';
import { RequirePermission } from '../../../../features/shell/RequirePermission';

export default function Page() {
  return (
    <RequirePermission permission="machine:read">
      <MachinesPage />
    </RequirePermission>
  );
}
