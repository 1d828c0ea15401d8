import { TemplatesPage } from '../../../../features/templates/TemplatesPage';
import { RequirePermission } from '../../../../features/shell/RequirePermission';

export default function Page() {
  return (
    <RequirePermission permission="template:read">
      <TemplatesPage />
    </RequirePermission>
  );
}
