import { MachineIdSchema } from '@millwright/contracts';
import { notFound } from 'next/navigation';
import { MachineScreenPage } from '../../../../../../features/machines/MachineScreenPage';
import { RequirePermission } from '../../../../../../features/shell/RequirePermission';

export default async function Page({ params }: { readonly params: Promise<{ readonly machineId: string }> }) {
  const id = MachineIdSchema.safeParse((await params).machineId);
  if (!id.success) notFound();
  return (
    <RequirePermission permission="machine:read">
      <MachineScreenPage machineId={id.data} />
    </RequirePermission>
  );
}
