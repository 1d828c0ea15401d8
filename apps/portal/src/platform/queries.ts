import type { AuditQuery, DesktopId, MachineId, TaskId } from '@millwright/contracts';
import { QueryClient, queryOptions } from '@tanstack/react-query';
import { asPlatformError, callBroker } from './broker-client';

/*
 * What the pages read. Live events write the same keys (live-updates.ts), so the lists are only asked for at the
 * first look, after a cut, and when a window comes back after long.
 */
const LIVE = { staleTime: 60_000 } as const;

export const meQuery = queryOptions({
  queryKey: ['me'],
  queryFn: ({ signal }) => callBroker('me', { signal }),
  staleTime: 5 * 60_000,
  retry: retryTransient,
});

export const machinesQuery = queryOptions({
  queryKey: ['machines', 'active'],
  queryFn: async ({ signal }) => (await callBroker('listMachines', { signal })).items,
  ...LIVE,
});
export const trashQuery = queryOptions({
  queryKey: ['machines', 'trash'],
  queryFn: async ({ signal }) => (await callBroker('listMachines', { query: { trashed: true }, signal })).items,
  ...LIVE,
});
export const machineQuery = (id: MachineId) =>
  queryOptions({ queryKey: ['machine', id], queryFn: ({ signal }) => callBroker('getMachine', { path: { id }, signal }), ...LIVE });

export const myDesktopsQuery = queryOptions({
  queryKey: ['desktops', 'mine'],
  queryFn: async ({ signal }) => (await callBroker('listDesktops', { query: { scope: 'mine' }, signal })).items,
  ...LIVE,
});
export const allDesktopsQuery = queryOptions({
  queryKey: ['desktops', 'all'],
  queryFn: async ({ signal }) => (await callBroker('listDesktops', { query: { scope: 'all' }, signal })).items,
  ...LIVE,
});
export const desktopQuery = (id: DesktopId) =>
  queryOptions({ queryKey: ['desktop', id], queryFn: ({ signal }) => callBroker('getDesktop', { path: { id }, signal }), ...LIVE });

export const hostsQuery = queryOptions({
  queryKey: ['hosts'],
  queryFn: async ({ signal }) => (await callBroker('listHosts', { signal })).items,
  ...LIVE,
});
export const templatesQuery = queryOptions({
  queryKey: ['templates'],
  queryFn: async ({ signal }) => (await callBroker('listTemplates', { signal })).items,
  ...LIVE,
});
export const imagesQuery = queryOptions({
  queryKey: ['images'],
  queryFn: async ({ signal }) => (await callBroker('listImages', { signal })).items,
  ...LIVE,
});
export const usersQuery = queryOptions({
  queryKey: ['users'],
  queryFn: async ({ signal }) => (await callBroker('listUsers', { signal })).items,
  ...LIVE,
});
export const tasksQuery = queryOptions({
  queryKey: ['tasks'],
  queryFn: async ({ signal }) => (await callBroker('listTasks', { signal })).items,
  ...LIVE,
});
export const taskQuery = (id: TaskId) =>
  queryOptions({ queryKey: ['task', id], queryFn: ({ signal }) => callBroker('getTask', { path: { id }, signal }) });
export const guestsQuery = queryOptions({
  queryKey: ['guests'],
  queryFn: async ({ signal }) => (await callBroker('listGuests', { signal })).items,
  ...LIVE,
});
export const sessionsQuery = (state: 'open' | 'all') =>
  queryOptions({
    queryKey: ['sessions', state],
    queryFn: async ({ signal }) => (await callBroker('listSessions', { query: { state }, signal })).items,
    ...LIVE,
  });
export const apiTokensQuery = queryOptions({
  queryKey: ['api-tokens'],
  queryFn: async ({ signal }) => (await callBroker('listApiTokens', { signal })).items,
});

export type AuditFilter = Pick<AuditQuery, 'actorId' | 'action' | 'outcome' | 'from' | 'to'>;
export const auditPage = (filter: AuditFilter, cursor: string | undefined, signal: AbortSignal) =>
  callBroker('listAudit', { query: { ...filter, limit: 50, cursor }, signal });

export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: { queries: { retry: retryTransient, refetchOnWindowFocus: true }, mutations: { retry: false } },
  });
}

/** Only what may work by itself a moment later is asked again. */
function retryTransient(failures: number, error: unknown): boolean {
  return asPlatformError(error).kind === 'unavailable' && failures < 2;
}
