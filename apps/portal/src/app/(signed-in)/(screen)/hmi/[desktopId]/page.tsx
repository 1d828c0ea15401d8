import { DesktopIdSchema } from '@millwright/contracts';
import { notFound } from 'next/navigation';
import { PanelPage } from '../../../../../features/hmi/PanelPage';

export default async function Page({ params }: { readonly params: Promise<{ readonly desktopId: string }> }) {
  const id = DesktopIdSchema.safeParse((await params).desktopId);
  if (!id.success) notFound();
  return <PanelPage desktopId={id.data} />;
}
