import type { InterruptLine } from '../../../bus/device.js';

/** A line's far end in a device's test: its level now and how often it rose. */
export class RecordingLine implements InterruptLine {
  level = false;
  rises = 0;

  set(level: boolean): void {
    if (level && !this.level) this.rises++;
    this.level = level;
  }
}
