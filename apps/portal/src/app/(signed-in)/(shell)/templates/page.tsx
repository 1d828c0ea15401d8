import { RequirePermission } from '../../../../features/shell/RequirePermission';
import { TemplatesPage } from '../../../../features/templates/TemplatesPage';

export default function Page() {
  return (
    <RequirePermission permission="template:read">
      <TemplatesPage />
    </RequirePermission>
  );
}
