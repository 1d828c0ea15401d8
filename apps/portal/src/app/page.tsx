'use client';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { startPage } from '../features/shell/navigation';
import { RequireSignIn, useSignedIn } from '../platform/session';
import { LoadingState } from '../ui/PageState';

export default function Start() {
  return (
    <RequireSignIn>
      <ToStartPage />
    </RequireSignIn>
  );
}

function ToStartPage() {
  const { me } = useSignedIn();
  const router = useRouter();
  useEffect(() => {
    router.replace(startPage(me.user.roles));
  }, [me, router]);
  return <LoadingState />;
}
