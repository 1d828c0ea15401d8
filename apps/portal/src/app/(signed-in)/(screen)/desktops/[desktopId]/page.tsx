import { DesktopIdSchema } from '@millwright/contracts';
import { notFound } from 'next/navigation';
import { DesktopPage } from '../../../../../features/desktops/DesktopPage';

export default async function DesktopScreenPage({ params }: { readonly params: Promise<{ readonly desktopId: string }> }) {
  const id = DesktopIdSchema.safeParse((await params).desktopId);
  if (!id.success) notFound();
  return <DesktopPage desktopId={id.data} />;
}
