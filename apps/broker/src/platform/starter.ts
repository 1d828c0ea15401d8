import type { PartMessage } from '@millwright/contracts';
import { Injectable } from '@nestjs/common';

/** The process that started this broker, over the IPC channel: the front door, if there is one. */
@Injectable()
export class Starter {
  get isThere(): boolean {
    return process.send !== undefined;
  }

  tell(message: PartMessage): void {
    process.send?.(message);
  }
}
