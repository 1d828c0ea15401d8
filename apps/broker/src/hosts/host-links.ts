import type { HostId } from '@millwright/contracts';

/** The live connections of agents, wherever in the cluster of brokers they end. */
export abstract class HostLinks {
  /** There are new commands for this host in the table; a hint, the agent's connection looks by itself too. */
  abstract wake(hostId: HostId): void;
  /** Ends the host's connection, because it is no longer ours. */
  abstract drop(hostId: HostId): void;
}
