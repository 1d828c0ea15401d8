/** Checks of the engine by programs that are made for it: for the command `x86-vmm verify` and for tests. */

export { TierComparison, type TierDifference } from './compare-tiers.js';
export { checkResourceControl, type ResourceControl } from './resource-control.js';
