import type { Permission, Role } from '@millwright/contracts';
import {
  IconAddressBook,
  IconBox,
  IconBuildingFactory2,
  IconDeviceDesktop,
  IconDisc,
  IconHistory,
  IconLayoutDashboard,
  IconPackage,
  IconServer2,
  IconStack2,
  IconUsers,
  IconUsersGroup,
} from '@tabler/icons-react';
import type { en } from '../../platform/i18n/en';

export interface NavigationItem {
  readonly label: keyof typeof en.nav;
  readonly href: string;
  readonly icon: typeof IconBox;
  /** Shown to those who have it. */
  readonly needs?: Permission;
}

export const NAVIGATION: readonly { readonly group: keyof typeof en.nav; readonly items: readonly NavigationItem[] }[] = [
  {
    group: 'work',
    items: [
      { label: 'overview', href: '/overview', icon: IconLayoutDashboard, needs: 'machine:read' },
      { label: 'desktops', href: '/desktops', icon: IconDeviceDesktop },
      { label: 'panels', href: '/hmi', icon: IconBuildingFactory2 },
    ],
  },
  {
    group: 'resources',
    items: [
      { label: 'machines', href: '/machines', icon: IconBox, needs: 'machine:read' },
      { label: 'templates', href: '/templates', icon: IconStack2, needs: 'template:read' },
      { label: 'images', href: '/images', icon: IconDisc, needs: 'image:read' },
      { label: 'guests', href: '/guests', icon: IconPackage, needs: 'guest:build' },
      { label: 'hosts', href: '/hosts', icon: IconServer2, needs: 'host:read' },
    ],
  },
  {
    group: 'people',
    items: [
      { label: 'users', href: '/users', icon: IconUsers, needs: 'user:read' },
      { label: 'assignments', href: '/access', icon: IconAddressBook, needs: 'desktop:read' },
      { label: 'sessions', href: '/sessions', icon: IconUsersGroup, needs: 'session:read' },
    ],
  },
  { group: 'system', items: [{ label: 'audit', href: '/audit', icon: IconHistory, needs: 'audit:read' }] },
];

/** Where a person begins: administrators at the overview, engineers at their desktops, operators at their panels. */
export function startPage(roles: readonly Role[]): string {
  if (roles.includes('admin')) return '/overview';
  return roles.includes('engineer') ? '/desktops' : '/hmi';
}
