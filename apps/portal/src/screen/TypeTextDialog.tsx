'use client';
import { Alert, Button, Group, Modal, Select, Stack, Text, Textarea } from '@mantine/core';
import { isKeyboardLayout, KEYBOARD_LAYOUTS, type KeyboardLayout } from '@millwright/remote-display/protocol';
import { IconClipboard, IconInfoCircle } from '@tabler/icons-react';
import { useState } from 'react';
import { useTranslations } from 'use-intl';
import { FailureAlert } from '../ui/FailureAlert';
import { useNotify } from '../ui/notify';
import { useAction } from '../ui/use-action';
import type { DisplayView } from './use-display';

/** A slow guest takes about 100 characters a second; more is a file, not a text to type. */
const MAX_CHARACTERS = 10_000;
const LAYOUT_KEY = 'millwright.layout';

/** Paste as typing: the text becomes key presses on the guest's layout. */
export function TypeTextDialog({
  display,
  name,
  opened,
  onClose,
}: {
  readonly display: DisplayView;
  readonly name: string;
  readonly opened: boolean;
  readonly onClose: () => void;
}) {
  const t = useTranslations('screen');
  const layouts = useTranslations('layouts');
  const common = useTranslations('common');
  const notify = useNotify();
  const [text, setText] = useState('');
  const [layout, setLayout] = useState<KeyboardLayout>(rememberedLayout);
  const [isRefused, setIsRefused] = useState(false);
  const { connection, control } = display;
  const type = useAction(async () => (await connection!.typeText(text.replaceAll('\r\n', '\n'), layout)).untypable, {
    quiet: true,
    after(untypable) {
      const missed = [...new Set(untypable)];
      notify.done(
        t('pasteDone', { count: [...text].length - untypable.length }) +
          (missed.length > 0 ? `. ${t('pasteUntypable', { characters: missed.join(' ') })}` : ''),
      );
      setText('');
      onClose();
    },
  });
  const insertClipboard = () =>
    navigator.clipboard.readText().then(
      (content) => setText(content.slice(0, MAX_CHARACTERS)),
      () => setIsRefused(true),
    );
  const choose = (value: string | null) => {
    if (value === null || !isKeyboardLayout(value)) return;
    setLayout(value);
    window.localStorage.setItem(LAYOUT_KEY, value);
  };
  return (
    <Modal opened={opened} onClose={onClose} title={t('pasteTitle', { name })} closeButtonProps={{ 'aria-label': common('close') }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (text && control.youHold) type.mutate(undefined);
        }}
      >
        <Stack gap="sm">
          <Text size="sm" c="dimmed">
            {t('pasteHint')}
          </Text>
          <FailureAlert error={type.error} />
          {!control.youHold && (
            <Alert
              variant="light"
              color="yellow"
              icon={<IconInfoCircle size={18} aria-hidden />}
              styles={{ message: { color: 'var(--mw-warn)' } }}
            >
              {t('pasteNeedsControl')}
            </Alert>
          )}
          <Textarea
            label={t('pasteText')}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            autosize
            minRows={4}
            maxRows={12}
            maxLength={MAX_CHARACTERS}
            data-autofocus
            spellCheck={false}
            error={isRefused ? t('pasteClipboardRefused') : undefined}
          />
          <Select
            label={t('pasteLayout')}
            data={KEYBOARD_LAYOUTS.map((value) => ({ value, label: layouts(value) }))}
            value={layout}
            onChange={choose}
            allowDeselect={false}
          />
          <Group justify="space-between">
            {typeof navigator !== 'undefined' && 'readText' in (navigator.clipboard ?? {}) ? (
              <Button variant="default" leftSection={<IconClipboard size={16} aria-hidden />} onClick={() => void insertClipboard()}>
                {t('pasteFromClipboard')}
              </Button>
            ) : (
              <span />
            )}
            <Button type="submit" disabled={!text || !control.youHold} loading={type.isPending}>
              {t('pasteSubmit')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

function rememberedLayout(): KeyboardLayout {
  const stored = typeof window === 'undefined' ? null : window.localStorage.getItem(LAYOUT_KEY);
  return stored !== null && isKeyboardLayout(stored) ? stored : 'us';
}
