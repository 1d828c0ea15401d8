import { GuestsPage } from '../../../../features/guests/GuestsPage';
import { RequirePermission } from '../../../../features/shell/RequirePermission';

export default function Page() {
  return (
    <RequirePermission permission="guest:build">
      <GuestsPage />
    </RequirePermission>
  );
}
