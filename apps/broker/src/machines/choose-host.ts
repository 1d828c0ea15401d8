import type { HostId } from '@millwright/contracts';

export interface HostRoom {
  readonly hostId: HostId;
  readonly isOnline: boolean;
  readonly memoryMiB: number;
  /** Of the machines that are up there, or about to be. */
  readonly committedMiB: number;
}

/** Filters, then scores: an online host with enough memory left, the emptiest first. */
export function chooseHost(hosts: readonly HostRoom[], memoryMiB: number): HostId | undefined {
  const free = (host: HostRoom) => host.memoryMiB - host.committedMiB;
  const fitting = hosts.filter((host) => host.isOnline && free(host) >= memoryMiB);
  return fitting.sort((a, b) => free(b) - free(a))[0]?.hostId;
}
