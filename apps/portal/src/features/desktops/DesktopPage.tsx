'use client';
import type { Desktop, DesktopId } from '@millwright/contracts';
import { useQuery } from '@tanstack/react-query';
import { desktopQuery } from '../../platform/queries';
import { useSignedIn } from '../../platform/session';
import { ScreenWithTools } from '../../screen/ScreenWithTools';
import { Loaded } from '../../ui/PageState';
import { useOperate } from '../machines/use-operate';
import { useDesktopVerbs } from './DesktopCard';

export function DesktopPage({ desktopId }: { readonly desktopId: DesktopId }) {
  const desktop = useQuery(desktopQuery(desktopId));
  return <Loaded query={desktop}>{(data) => <DesktopScreenPage desktop={data} />}</Loaded>;
}

function DesktopScreenPage({ desktop }: { readonly desktop: Desktop }) {
  const { me, may } = useSignedIn();
  const { operate, pendingVerb } = useOperate({ kind: 'desktop', object: desktop });
  const verbs = useDesktopVerbs(desktop);
  return (
    <ScreenWithTools
      subject={{
        source: { kind: 'desktop', id: desktop.id },
        name: desktop.name,
        machineId: desktop.machineId,
        state: desktop.state,
        condition: desktop.condition,
        control: desktop.control,
        verbs,
        pendingVerb,
        operate,
      }}
      myId={me.user.id}
      backTo={may('machine:read') ? '/overview' : '/desktops'}
      {...(may('machine:operate') ? { serialPath: `/machines/${desktop.machineId}/serial` } : {})}
    />
  );
}
