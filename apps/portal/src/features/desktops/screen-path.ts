import type { Desktop, Role } from '@millwright/contracts';

/** Where a desktop's screen is for somebody: operators get panels as a bare HMI, everybody else has the tools. */
export function screenPath(desktop: Pick<Desktop, 'id' | 'presentation'>, roles: readonly Role[]): string {
  const isOperator = roles.every((role) => role === 'operator');
  return isOperator && desktop.presentation === 'hmi' ? `/hmi/${desktop.id}` : `/desktops/${desktop.id}`;
}
