import { AuditPage } from '../../../../features/audit/AuditPage';
import { RequirePermission } from '../../../../features/shell/RequirePermission';

export default function Page() {
  return (
    <RequirePermission permission="audit:read">
      <AuditPage />
    </RequirePermission>
  );
}
