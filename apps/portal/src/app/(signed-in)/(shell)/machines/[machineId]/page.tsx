import { MachineIdSchema } from '@millwright/contracts';
import { notFound } from 'next/navigation';
import { MachinePage } from '../../../../../features/machines/MachinePage';
import { RequirePermission } from '../../../../../features/shell/RequirePermission';

export default async function Page({ params }: { readonly params: Promise<{ readonly machineId: string }> }) {
  const id = MachineIdSchema.safeParse((await params).machineId);
  if (!id.success) notFound();
  return (
    <RequirePermission permission="machine:read">
      <MachinePage machineId={id.data} />
    </RequirePermission>
  );
}
