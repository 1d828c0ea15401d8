import type { Changed, Desktop, Image, Machine, Session } from '@millwright/contracts';
import type { QueryClient, QueryKey } from '@tanstack/react-query';

/** Writes one live event into what the pages have read. Lists that nobody has read stay unread. */
export function applyChanged(cache: QueryClient, event: Changed): void {
  switch (event.kind) {
    case 'machine':
      return applyMachine(cache, event.id, event.value);
    case 'desktop':
      return applyDesktop(cache, event.id, event.value);
    case 'control':
      if (!event.value) return;
      for (const key of [
        ['machines', 'active'],
        ['machines', 'trash'],
      ])
        patch<Machine>(cache, key, event.id, { control: event.value });
      cache.setQueryData<Machine>(['machine', event.id], (machine) => machine && { ...machine, control: event.value! });
      return;
    case 'host':
      void cache.invalidateQueries({ queryKey: ['guests'] });
      return put(cache, ['hosts'], event.id, event.value);
    case 'task':
      void cache.invalidateQueries({ queryKey: ['task', event.id] });
      void cache.invalidateQueries({ queryKey: ['guests'] });
      return put(cache, ['tasks'], event.id, event.value, 'first');
    case 'user':
      void cache.invalidateQueries({ queryKey: ['me'] });
      return put(cache, ['users'], event.id, event.value);
    case 'image':
      return put<Image>(cache, ['images'], event.id, event.value);
    case 'template':
      void cache.invalidateQueries({ queryKey: ['guests'] });
      return put(cache, ['templates'], event.id, event.value);
    case 'session':
      put<Session>(cache, ['sessions', 'all'], event.id, event.value, 'first');
      return put<Session>(cache, ['sessions', 'open'], event.id, event.value?.state === 'ended' ? null : event.value, 'first');
  }
}

function applyMachine(cache: QueryClient, id: string, value: Machine | null): void {
  put(cache, ['machines', 'active'], id, value?.trashedAt ? null : value);
  put(cache, ['machines', 'trash'], id, value?.trashedAt ? value : null);
  set(cache, ['machine', id], value);
}

/**
 * Readers get every desktop as not theirs first, and those assigned get it again as theirs: a `mine: false` may only
 * be the first half, so my list is asked again instead of losing the entry (and the screen behind it) for a moment.
 */
function applyDesktop(cache: QueryClient, id: string, value: Desktop | null): void {
  put(cache, ['desktops', 'all'], id, value, 'last', (old) => ({ mine: value?.mine || (old?.mine ?? false) }));
  const isKnownAsMine = cache.getQueryData<Desktop[]>(['desktops', 'mine'])?.some((desktop) => desktop.id === id) ?? false;
  if (value?.mine || !value) put(cache, ['desktops', 'mine'], id, value);
  else if (isKnownAsMine) {
    put(cache, ['desktops', 'mine'], id, { ...value, mine: true });
    void cache.invalidateQueries({ queryKey: ['desktops', 'mine'] });
  }
  set(cache, ['desktop', id], value);
}

/** Replaces, adds or removes one entry of a list. */
function put<T extends { readonly id: string }>(
  cache: QueryClient,
  key: QueryKey,
  id: string,
  value: T | null,
  where: 'first' | 'last' = 'last',
  also?: (old: T | undefined) => Partial<T>,
): void {
  cache.setQueryData<T[]>(key, (list) => {
    if (!list) return undefined;
    const at = list.findIndex((item) => item.id === id);
    if (!value) return at < 0 ? list : list.toSpliced(at, 1);
    const item = also ? { ...value, ...also(list[at]) } : value;
    if (at >= 0) return list.with(at, item);
    return where === 'first' ? [item, ...list] : [...list, item];
  });
}

function patch<T extends { readonly id: string }>(cache: QueryClient, key: QueryKey, id: string, change: Partial<T>): void {
  cache.setQueryData<T[]>(key, (list) => list?.map((item) => (item.id === id ? { ...item, ...change } : item)));
}

/** A single object: gone ones are asked for again, so that the page shows the server's own words. */
function set<T>(cache: QueryClient, key: QueryKey, value: T | null): void {
  if (value) cache.setQueryData<T>(key, (old) => (old === undefined ? undefined : value));
  else void cache.invalidateQueries({ queryKey: key });
}
