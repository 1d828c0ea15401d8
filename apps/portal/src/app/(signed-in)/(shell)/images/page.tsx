import { ImagesPage } from '../../../../features/images/ImagesPage';
import { RequirePermission } from '../../../../features/shell/RequirePermission';

export default function Page() {
  return (
    <RequirePermission permission="image:read">
      <ImagesPage />
    </RequirePermission>
  );
}
