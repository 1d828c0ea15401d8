import type { ReactNode } from 'react';
import { Shell } from '../../../features/shell/Shell';

export default function ShellLayout({ children }: { readonly children: ReactNode }) {
  return <Shell>{children}</Shell>;
}
