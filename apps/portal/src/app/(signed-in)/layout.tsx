import type { ReactNode } from 'react';
import { RequireSignIn } from '../../platform/session';

export default function SignedInLayout({ children }: { readonly children: ReactNode }) {
  return <RequireSignIn>{children}</RequireSignIn>;
}
