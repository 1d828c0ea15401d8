import { Suspense } from 'react';
import { CreateMachine } from '../../../../../features/machines/CreateMachine';
import { RequirePermission } from '../../../../../features/shell/RequirePermission';

export default function Page() {
  return (
    <RequirePermission permission="machine:write">
      <Suspense>
        <CreateMachine />
      </Suspense>
    </RequirePermission>
  );
}
