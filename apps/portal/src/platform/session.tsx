'use client';
import type { Me, Permission } from '@millwright/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { usePathname, useRouter } from 'next/navigation';
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo } from 'react';
import { FailureState, LoadingState } from '../ui/PageState';
import { asPlatformError, callBroker, onRefusal } from './broker-client';
import { LiveUpdates } from './live-updates';
import { meQuery } from './queries';

interface SignedIn {
  readonly me: Me;
  may(permission: Permission): boolean;
  signOut(): Promise<void>;
}

const SignedInContext = createContext<SignedIn | undefined>(undefined);

/** Who is signed in. Only inside <RequireSignIn>. */
export function useSignedIn(): SignedIn {
  const signedIn = useContext(SignedInContext);
  if (!signedIn) throw new Error('useSignedIn belongs inside <RequireSignIn>.');
  return signedIn;
}

/** Shows its children to signed-in people with a password of their own, and sends others where they get one. */
export function RequireSignIn({ children }: { readonly children: ReactNode }) {
  const me = useQuery(meQuery);
  const cache = useQueryClient();
  const router = useRouter();
  const pathname = usePathname();
  const error = me.error ? asPlatformError(me.error) : undefined;
  const isSignedOut = error?.kind === 'unauthenticated';
  const mustChange = me.data?.mustChangePassword === true && !isSignedOut;

  const wasSignedIn = me.data !== undefined;
  const askAgain = useCallback(() => void cache.invalidateQueries({ queryKey: ['me'] }), [cache]);

  useEffect(() => onRefusal((refusal) => refusal.code === 'auth.required' && askAgain()), [askAgain]);
  useEffect(() => {
    if (!isSignedOut) return;
    const here = `${pathname}${window.location.search}`;
    const search = new URLSearchParams({ ...(wasSignedIn ? { expired: '1' } : {}), ...(here === '/' ? {} : { next: here }) });
    const target = `/sign-in${search.size > 0 ? `?${search}` : ''}`;
    // A whole new page, so that nothing of what was shown stays in memory.
    if (wasSignedIn) window.location.replace(target);
    else router.replace(target);
  }, [isSignedOut, wasSignedIn, pathname, router]);
  useEffect(() => {
    if (mustChange) router.replace('/password');
  }, [mustChange, router]);

  const signedIn = useMemo<SignedIn | undefined>(
    () => me.data && { me: me.data, may: (permission) => me.data.permissions.includes(permission), signOut: leaveForGood },
    [me.data],
  );

  if (error && !isSignedOut && !me.data) return <FailureState error={error} retry={() => void me.refetch()} />;
  if (!signedIn || isSignedOut || mustChange) return <LoadingState />;
  return (
    <SignedInContext value={signedIn}>
      <LiveUpdates onSignedOut={askAgain}>{children}</LiveUpdates>
    </SignedInContext>
  );
}

/** Ends the session and begins with an empty page: what was shown is for nobody else. */
export async function leaveForGood(): Promise<void> {
  await callBroker('logout').catch(() => {});
  window.location.replace('/sign-in');
}

/** A path of ours to go to after sign-in; anything else is the start page. */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])[^\s\\]*$/.test(next) && !next.startsWith('/sign-in') ? next : '/';
}
