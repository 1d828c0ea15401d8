'use client';
import { useMutation } from '@tanstack/react-query';
import { useNotify } from './notify';

interface ActionOptions<V, R> {
  /** Said when it is done. */
  readonly done?: (input: V, result: R) => string;
  readonly after?: (result: R, input: V) => void;
  /** The caller shows the failure itself (in a form). */
  readonly quiet?: boolean;
}

/** Something a person does that the server must agree to: pending while it runs, a word when it is done or refused. */
export function useAction<V, R>(run: (input: V) => Promise<R>, { done, after, quiet = false }: ActionOptions<V, R> = {}) {
  const notify = useNotify();
  return useMutation({
    mutationFn: run,
    onSuccess: (result, input) => {
      if (done) notify.done(done(input, result));
      after?.(result, input);
    },
    onError: (error) => {
      if (!quiet) notify.failed(error);
    },
  });
}
