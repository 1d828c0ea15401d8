import type { VideoDirtyPages } from '../../bus/screen.js';
import { VIDEO_DIRTY, VIDEO_RAM_BYTES } from '../state.js';
import type { Kernels } from './kernels.js';
import type { LinearMemory } from './linear-memory.js';

/** The display adapter's view of which video pages the processor and bus masters have written. */
export function videoDirtyPages({ u8 }: LinearMemory, kernels: Kernels): VideoDirtyPages {
  return { dirty: u8.subarray(VIDEO_DIRTY, VIDEO_DIRTY + VIDEO_RAM_BYTES / 0x1000), rearm: () => kernels.disarmVideoWrites() };
}
