import { RequirePermission } from '../../../../features/shell/RequirePermission';
import { UsersPage } from '../../../../features/users/UsersPage';

export default function Page() {
  return (
    <RequirePermission permission="user:read">
      <UsersPage />
    </RequirePermission>
  );
}
