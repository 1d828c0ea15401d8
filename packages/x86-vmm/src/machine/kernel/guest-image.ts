/** Bytes that the loader puts into guest memory. */
export interface Placement {
  readonly address: number;
  readonly bytes: Uint8Array;
  /** Memory after `bytes` that is cleared (a program's BSS). */
  readonly clearBytes?: number;
}

/** How the loader ROM enters the kernel when everything is in place. */
export type KernelEntry =
  /** Linux boot protocol: real mode, all segments `segment`, CS 32 paragraphs above, SP below the heap's end. */
  | { readonly kind: 'linux'; readonly segment: number; readonly stackPointer: number }
  /** Multiboot 1: flat protected mode, EAX 2BADB002h, EBX the information structure. */
  | { readonly kind: 'multiboot'; readonly address: number; readonly information: number };

export interface GuestImage {
  readonly placements: readonly Placement[];
  readonly entry: KernelEntry;
}
