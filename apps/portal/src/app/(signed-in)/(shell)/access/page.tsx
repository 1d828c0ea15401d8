import { AccessPage } from '../../../../features/access/AccessPage';
import { RequirePermission } from '../../../../features/shell/RequirePermission';

export default function Page() {
  return (
    <RequirePermission permission="desktop:read">
      <AccessPage />
    </RequirePermission>
  );
}
