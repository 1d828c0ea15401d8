'use client';
import type { Machine, MachineId } from '@millwright/contracts';
import { useQuery } from '@tanstack/react-query';
import { machineQuery } from '../../platform/queries';
import { useSignedIn } from '../../platform/session';
import { ScreenWithTools } from '../../screen/ScreenWithTools';
import { Loaded } from '../../ui/PageState';
import { verbsFor } from './machine-state';
import { useOperate } from './use-operate';

/** Any machine's screen, for administrators. */
export function MachineScreenPage({ machineId }: { readonly machineId: MachineId }) {
  const machine = useQuery(machineQuery(machineId));
  return <Loaded query={machine}>{(data) => <MachineScreen machine={data} />}</Loaded>;
}

function MachineScreen({ machine }: { readonly machine: Machine }) {
  const { me, may } = useSignedIn();
  const { operate, pendingVerb } = useOperate({ kind: 'machine', object: machine });
  return (
    <ScreenWithTools
      subject={{
        source: { kind: 'machine', id: machine.id },
        name: machine.name,
        machineId: machine.id,
        state: machine.state,
        condition: machine.condition,
        control: machine.control,
        verbs: may('machine:operate') ? verbsFor(machine) : [],
        pendingVerb,
        operate,
      }}
      myId={me.user.id}
      backTo="/machines"
      {...(may('machine:operate') && machine.spec.serial.some((kind) => kind !== 'none')
        ? { serialPath: `/machines/${machine.id}/serial` }
        : {})}
    />
  );
}
