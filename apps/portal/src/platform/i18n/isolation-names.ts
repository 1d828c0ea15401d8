import type { Locale } from './locale';

/** Protections of machine processes, as hosts name them. Unknown ones are shown as they are written. */
const NAMES: Readonly<Record<string, Readonly<Record<Locale, string>>>> = {
  'no-new-privileges': { en: 'No new privileges', zh: '禁止新特权' },
  'own user, network and IPC namespace': { en: 'Own user, network and IPC namespaces', zh: '独立的用户、网络和 IPC 命名空间' },
  'limits of files and memory': { en: 'Limits of files and memory', zh: '文件与内存上限' },
};

export function isolationName(name: string, locale: Locale): string {
  return NAMES[name]?.[locale] ?? name;
}
