'use client';
import type { Machine } from '@millwright/contracts';
import { useQueryClient } from '@tanstack/react-query';
import { useTranslations } from 'use-intl';
import { callBroker } from '../../platform/broker-client';
import { applyChanged } from '../../platform/changed-cache';
import { useConfirm } from '../../ui/confirm';
import { useNotify } from '../../ui/notify';
import { useAction } from '../../ui/use-action';
import { isUp } from './machine-state';

/** To the trash (with a way back), out of it, and away for good. */
export function useTrash() {
  const t = useTranslations('machines');
  const confirm = useConfirm();
  const notify = useNotify();
  const cache = useQueryClient();
  const refresh = () => void cache.invalidateQueries({ queryKey: ['machines'] });

  const restore = useAction((machine: Machine) => callBroker('restoreMachine', { path: { id: machine.id } }), {
    done: ({ name }) => t('restored', { name }),
    after: (value) => applyChanged(cache, { kind: 'machine', id: value.id, value }),
  });
  const trash = useAction((machine: Machine) => callBroker('deleteMachine', { path: { id: machine.id } }), {
    after: (_, machine) => {
      refresh();
      notify.undoable(t('trashed', { name: machine.name }), () => restore.mutate(machine));
    },
  });
  const purge = useAction((machine: Machine) => callBroker('deleteMachine', { path: { id: machine.id } }), {
    done: ({ name }) => t('purged', { name }),
    after: refresh,
  });

  return {
    restore: (machine: Machine) => restore.mutate(machine),
    /** Only a machine that is up is asked about: a stopped one loses nothing in the trash. */
    trash(machine: Machine, then?: () => void) {
      const run = () => trash.mutate(machine, then ? { onSuccess: then } : {});
      if (!isUp(machine)) return run();
      confirm({ title: t('confirmTrash', { name: machine.name }), text: t('confirmTrashRunning'), action: t('toTrash'), run });
    },
    purge(machine: Machine) {
      confirm({
        title: t('confirmPurge', { name: machine.name }),
        text: t('confirmPurgeHint'),
        action: t('purge'),
        run: () => purge.mutate(machine),
      });
    },
  };
}
