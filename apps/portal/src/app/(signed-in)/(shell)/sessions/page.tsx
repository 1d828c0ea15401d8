import { SessionsPage } from '../../../../features/sessions/SessionsPage';
import { RequirePermission } from '../../../../features/shell/RequirePermission';

export default function Page() {
  return (
    <RequirePermission permission="session:read">
      <SessionsPage />
    </RequirePermission>
  );
}
