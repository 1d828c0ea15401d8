'use client';
import { Kbd, Menu } from '@mantine/core';
import { KEY_COMBINATIONS, type KeyCombination } from '@millwright/remote-display/protocol';
import { IconKeyboard } from '@tabler/icons-react';
import { useTranslations } from 'use-intl';
import { ToolButton } from './ToolButton';
import type { DisplayView } from './use-display';

/** Combinations that the browser or the local system would keep for themselves. */
export function KeysMenu({ display }: { readonly display: DisplayView }) {
  const t = useTranslations('screen');
  const names = useTranslations('combinations');
  return (
    <Menu position="bottom-end" width={320}>
      <Menu.Target>
        <ToolButton label={t('keys')} icon={IconKeyboard} disabled={!display.control.youHold || display.status.phase !== 'connected'} />
      </Menu.Target>
      <Menu.Dropdown mah="70dvh" style={{ overflowY: 'auto' }}>
        <Menu.Label>{t('keysHint')}</Menu.Label>
        {(Object.keys(KEY_COMBINATIONS) as KeyCombination[]).map((combination) => (
          <Menu.Item
            key={combination}
            rightSection={
              <span>
                {combination.split('+').map((key) => (
                  <Kbd key={key} size="xs" ml={3}>
                    {key}
                  </Kbd>
                ))}
              </span>
            }
            onClick={() => {
              display.connection?.sendCombination(combination);
              setTimeout(() => display.connection?.focus());
            }}
          >
            {names(combination)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}
