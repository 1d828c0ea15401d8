'use client';
import { Button } from '@mantine/core';
import { useTranslations } from 'use-intl';
import type { DisplayView } from './use-display';

/** What a person should know or decide about control now: somebody asks for it, nobody has it, or somebody else does. */
export function ControlBanner({ display, isPaused }: { readonly display: DisplayView; readonly isPaused: boolean }) {
  const t = useTranslations('screen');
  const { control, connection, controlNotice, mayControl, isAdmin } = display;
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
  // Nobody can operate a machine that stands still: that it is paused says enough.
  if (isPaused && (!controlNotice || controlNotice === 'viewOnly')) return null;
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
      <span>{control.holderName ? t(`notice.${controlNotice}`, { name: control.holderName }) : t('mayOnlyWatch')}</span>
      {mayControl && controlNotice !== 'asked' && (
        <Button size="compact-sm" onClick={display.requestControl}>
          {controlNotice === 'declined' ? t('askAgain') : t('requestControl')}
        </Button>
      )}
      {isAdmin && controlNotice === 'viewOnly' && (
        <Button size="compact-sm" variant="default" onClick={() => take(connection)}>
          {t('takeControl')}
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
function decline(connection: DisplayView['connection']): void {
  connection?.declineControl();
  connection?.focus();
}

function take(connection: DisplayView['connection']): void {
  connection?.takeControl();
  connection?.focus();
}
