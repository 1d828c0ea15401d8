import { Suspense } from 'react';
import { SignIn } from '../../features/identity/SignIn';

export default function SignInPage() {
  return (
    <Suspense>
      <SignIn />
    </Suspense>
  );
}
