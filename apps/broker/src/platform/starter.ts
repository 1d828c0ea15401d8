import type { PartMessage } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';

/** The process that started this broker, over the IPC channel: the front door, if there is one. */
@Injectable()
export class Starter {
  get isThere(): boolean {
    return process.connected;
  }

  /** Nobody hears it when the starter has gone; then this broker is about to end. */
  tell(message: PartMessage): void {
    if (this.isThere) process.send?.(message);
  }
}
