'use client';
import { SimpleGrid, Text } from '@mantine/core';
import type { Desktop } from '@millwright/contracts';
import { IconBuildingFactory2 } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useLocale, useTranslations } from 'use-intl';
import { myDesktopsQuery } from '../../platform/queries';
import { useSignedIn } from '../../platform/session';
import { PageHeader } from '../../ui/PageHeader';
import { EmptyState, Loaded } from '../../ui/PageState';
import { sortedBy } from '../../ui/sorted-by';
import { useControlWords } from '../machines/control-words';
import { MachineStateBadge } from '../machines/MachineStateBadge';
import { MachineThumbnail } from '../machines/MachineThumbnail';

/** The operator's panels as large tiles: one tap anywhere on a tile opens it. */
export function PanelList() {
  const t = useTranslations('hmi');
  const locale = useLocale();
  const { me } = useSignedIn();
  const desktops = useQuery(myDesktopsQuery);
  const isOperatorOnly = me.user.roles.every((role) => role === 'operator');
  return (
    <>
      <PageHeader title={t('title')} />
      <Loaded query={desktops}>
        {(items) => {
          // Operators have no other page: their plain desktops are here, too.
          const panels = items.filter(({ presentation }) => isOperatorOnly || presentation === 'hmi');
          if (panels.length === 0) return <EmptyState icon={<IconBuildingFactory2 size={28} />} title={t('empty')} hint={t('emptyHint')} />;
          return (
            <SimpleGrid
              cols={panels.length === 1 ? 1 : { base: 1, sm: 2, xl: 3 }}
              spacing="lg"
              // One panel is shown whole, its words included, and no larger than its small picture (320 px) bears.
              style={panels.length === 1 ? { maxWidth: 'min(480px, calc((100dvh - 220px) * 4 / 3))' } : undefined}
            >
              {sortedBy(panels, ({ name }) => name, false, locale).map((panel) => (
                <PanelTile key={panel.id} panel={panel} />
              ))}
            </SimpleGrid>
          );
        }}
      </Loaded>
    </>
  );
}

function PanelTile({ panel }: { readonly panel: Desktop }) {
  const t = useTranslations('hmi');
  const { me } = useSignedIn();
  const words = useControlWords(me.user.id)(panel.control);
  return (
    <Link href={`/hmi/${panel.id}`} className="mw-panel mw-tile">
      <MachineThumbnail machineId={panel.machineId} state={panel.state} />
      <span className="mw-tile-words">
        <Text span fw={600} fz={20}>
          {panel.name}
        </Text>
        <MachineStateBadge state={panel.state} />
        <Text span c="dimmed">
          {words ?? t('tapToOpen')}
        </Text>
      </span>
    </Link>
  );
}
