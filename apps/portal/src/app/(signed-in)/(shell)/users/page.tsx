import { UsersPage } from '../../../../features/users/UsersPage';
import { RequirePermission } from '../../../../features/shell/RequirePermission';

export default function Page() {
  return (
    <RequirePermission permission="user:read">
      <UsersPage />
    </RequirePermission>
  );
}
