import type { AccessSize, Device, PortRange } from '../../bus/device.js';
import { VMMOUSE_PORT } from '../devices/vmmouse/registers.js';
import type { BackdoorRegisters, VmMouse } from '../devices/vmmouse/vmmouse.js';

/**
 * VMware's backdoor as a port: IN EAX, DX passes its arguments and results in EAX to EDX, so this port alone is given a view of
 * them. The value that the port returns becomes EAX.
 */
export class BackdoorPort implements Device<{ readonly version: 1 }> {
  readonly name = 'backdoor-port';
  readonly ports: readonly PortRange[] = [{ name: 'backdoor', base: VMMOUSE_PORT, length: 4, widest: 4 }];

  constructor(
    private readonly chip: VmMouse,
    private readonly registers: BackdoorRegisters,
  ) {}

  readPort(_range: PortRange, _offset: number, size: AccessSize): number {
    if (size !== 4) return size === 2 ? 0xffff : 0xff;
    return this.chip.execute(this.registers) ? this.registers.eax >>> 0 : 0xffff_ffff;
  }

  writePort(_range: PortRange, _offset: number, size: AccessSize): void {
    if (size === 4) this.chip.execute(this.registers);
  }

  reset(): void {}
  save(): { readonly version: 1 } {
    return { version: 1 };
  }
  restore(): void {}
}
