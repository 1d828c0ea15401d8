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

  const leave = useCallback(
    (expired: boolean) => {
      const search = new URLSearchParams({ ...(expired ? { expired: '1' } : {}), ...(pathname === '/' ? {} : { next: pathname }) });
      router.replace(`/sign-in${search.size > 0 ? `?${search}` : ''}`);
    },
    [pathname, router],
  );
  const expire = useCallback(() => void cache.invalidateQueries({ queryKey: ['me'] }), [cache]);

  useEffect(() => onRefusal((refusal) => refusal.code === 'auth.required' && me.data && expire()), [expire, me.data]);
  useEffect(() => {
    if (!isSignedOut) return;
    leave(me.data !== undefined);
    cache.clear();
  }, [isSignedOut, leave, cache, me.data]);
  useEffect(() => {
    if (mustChange) router.replace('/password');
  }, [mustChange, router]);

  const signOut = useCallback(async () => {
    await callBroker('logout').catch(() => {});
    cache.clear();
    router.replace('/sign-in');
  }, [cache, router]);

  const signedIn = useMemo<SignedIn | undefined>(
    () => me.data && { me: me.data, may: (permission) => me.data.permissions.includes(permission), signOut },
    [me.data, signOut],
  );

  if (error && !isSignedOut && !me.data) return <FailureState error={error} retry={() => void me.refetch()} />;
  if (!signedIn || isSignedOut || mustChange) return <LoadingState />;
  return (
    <SignedInContext value={signedIn}>
      <LiveUpdates onSignedOut={expire}>{children}</LiveUpdates>
    </SignedInContext>
  );
}

/** A path of ours to go to after sign-in; anything else is the start page. */
export function safeNext(next: string | null): string {
  return next && /^\/(?![/\\])[^\s\\]*$/.test(next) && !next.startsWith('/sign-in') ? next : '/';
}
