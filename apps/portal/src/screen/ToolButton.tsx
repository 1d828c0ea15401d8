'use client';
import { Button, type ButtonProps, Tooltip } from '@mantine/core';
import type { IconKeyboard } from '@tabler/icons-react';
import type { ComponentPropsWithRef } from 'react';

type ToolButtonProps = ButtonProps &
  Omit<ComponentPropsWithRef<'button'>, keyof ButtonProps> & { readonly label: string; readonly icon: typeof IconKeyboard };

/** A tool of the screen's bar: icon and word, on narrow windows the icon alone. */
export function ToolButton({ label, icon: Icon, ...rest }: ToolButtonProps) {
  return (
    <Tooltip label={label}>
      <Button
        variant="subtle"
        color="gray"
        size="compact-md"
        aria-label={label}
        styles={{ label: { color: rest.disabled ? undefined : 'var(--mantine-color-text)' } }}
        {...rest}
      >
        <Icon size={18} stroke={1.6} aria-hidden />
        <span className="mw-tool-word">&nbsp;{label}</span>
      </Button>
    </Tooltip>
  );
}
