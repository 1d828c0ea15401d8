'use client';
import type { Desktop, Machine, MachineVerb } from '@millwright/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { applyChanged } from '../../platform/changed-cache';
import { useConfirm } from '../../ui/confirm';
import { useAction } from '../../ui/use-action';
import { DANGEROUS_VERBS } from './machine-verbs';

export type OperateTarget = { readonly kind: 'machine'; readonly object: Machine } | { readonly kind: 'desktop'; readonly object: Desktop };

/** Start, stop, … of a machine or of the machine behind a desktop; asks first where work could be lost. */
export function useOperate(target: OperateTarget) {
  const t = useTranslations('verbs');
  const confirm = useConfirm();
  const cache = useQueryClient();
  const { kind, object } = target;
  const name = object.name;
  const action = useAction(
    async (verb: MachineVerb) => {
      const path = { id: object.id, verb };
      if (kind === 'machine') applyChanged(cache, { kind, id: object.id, value: await callBroker('operateMachine', { path }) });
      else applyChanged(cache, { kind, id: object.id, value: await callBroker('operateDesktop', { path }) });
    },
    { done: (verb) => t(`done.${verb}`, { name }) },
  );
  const operate = (verb: MachineVerb) => {
    if (!DANGEROUS_VERBS.includes(verb) || object.state === 'failed') return action.mutate(verb);
    const isStop = verb === 'stop';
    confirm({
      title: t(isStop ? 'confirmStop' : 'confirmReset', { name }),
      text: t(isStop ? 'confirmStopHint' : 'confirmResetHint'),
      action: t(verb),
      run: () => action.mutate(verb),
    });
  };
  return { operate, isPending: action.isPending, pendingVerb: action.isPending ? action.variables : undefined };
}
