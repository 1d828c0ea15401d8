'use client';
import { Button } from '@mantine/core';
import { useTranslations } from 'use-intl';
import type { DisplayView } from './use-display';

/** What must be decided about control now, or was decided: somebody asks the holder for it, nobody has it, the holder keeps it. */
export function ControlBanner({ display }: { readonly display: DisplayView }) {
  const t = useTranslations('screen');
  const { control, connection, controlNotice, mayControl } = display;
  if (display.status.phase !== 'connected') return null;
  if (control.youHold) {
    if (!control.requestedBy) return null;
    return (
      <div className="mw-screen-banner" role="alert">
        <span>{t('requestedBy', { name: control.requestedBy })}</span>
        <Button size="compact-sm" onClick={() => connection?.handOver()}>
          {t('handOver')}
        </Button>
        {connection?.mayDecline && (
          <Button size="compact-sm" variant="default" onClick={() => decline(connection)}>
            {t('keepControl')}
          </Button>
        )}
      </div>
    );
  }
  if (mayControl && !control.holderName) {
    return (
      <div className="mw-screen-banner" role="status">
        <span>{connection?.takesControlByUse ? t('nobodyControlsUse') : t('nobodyControls')}</span>
        <Button size="compact-sm" onClick={() => takeFree(display)}>
          {t('takeControl')}
        </Button>
      </div>
    );
  }
  if (!controlNotice) return null;
  return (
    <div className="mw-screen-banner" role="status">
      <span>{t(`notice.${controlNotice}`, { name: control.holderName })}</span>
      {controlNotice === 'declined' && (
        <Button size="compact-sm" variant="default" onClick={display.requestControl}>
          {t('askAgain')}
        </Button>
      )}
    </div>
  );
}

/** The keyboard goes to the guest with it: the click has left the focus on a button that is about to go. */
function takeFree({ requestControl, connection }: DisplayView): void {
  requestControl();
  connection?.focus();
}

/** The holder goes on where they were. */
function decline(connection: NonNullable<DisplayView['connection']>): void {
  connection.declineControl();
  connection.focus();
}
