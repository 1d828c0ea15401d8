import type { Completions, SerialBackend, SpeakerBackend } from '../../bus/backends.js';
import { Bus } from '../../bus/bus.js';
import type { MachineClock } from '../../bus/clock.js';
import type { Device, InterruptLine } from '../../bus/device.js';
import type { Backing, GuestMemory, PhysicalMap } from '../../bus/guest-memory.js';
import { SharedLine } from '../../bus/interrupt-line.js';
import type { VideoDirtyPages } from '../../bus/screen.js';
import { DebugPort, type DebugPortOptions } from '../devices/debug-port/debug-port.js';
import { DmaPair } from '../devices/dma8237/dma-pair.js';
import { Fdc82077 } from '../devices/fdc82077/fdc82077.js';
import type { FloppyDrive } from '../devices/fdc82077/floppy-drive.js';
import { FpuError, type FpuErrorPins } from '../devices/fpu-error/fpu-error.js';
import { I8042 } from '../devices/i8042/i8042.js';
import type { IdeDrive } from '../devices/ide/drive.js';
import { IdeChannel } from '../devices/ide/ide-channel.js';
import { Mc146818 } from '../devices/mc146818/mc146818.js';
import { PicPair } from '../devices/pic8259/pic-pair.js';
import { Piix4Pm } from '../devices/piix4-pm/piix4-pm.js';
import { Pit8254 } from '../devices/pit8254/pit8254.js';
import { Port61 } from '../devices/port61/port61.js';
import { Port92 } from '../devices/port92/port92.js';
import { ResetControl } from '../devices/reset-control/reset-control.js';
import { Speaker } from '../devices/speaker/speaker.js';
import { UART_PORTS } from '../devices/uart16550/registers.js';
import { Uart16550 } from '../devices/uart16550/uart16550.js';
import { Vga } from '../devices/vga/vga.js';
import { type BackdoorRegisters, VmMouse } from '../devices/vmmouse/vmmouse.js';
import { BackdoorPort } from './backdoor-port.js';
import { ConfigurationMechanism } from './pci/configuration-mechanism.js';
import { I440fx } from './pci/i440fx.js';
import type { PciWindow } from './pci/pci-function.js';
import { Piix3Ide } from './pci/piix3-ide.js';
import { Piix3Isa } from './pci/piix3-isa.js';
import { Piix4PmFunction } from './pci/piix4-pm-function.js';
import { VgaFunction } from './pci/vga-function.js';

/** First byte of the fixed devices below 4 GiB (IOAPIC, LAPIC, ROM): PCI memory ends here. */
const PCI_MEMORY_END = 0xfec0_0000;
/** PCI memory begins here at the lowest, so that addresses do not depend on the RAM's size. */
const PCI_MEMORY_BASE = 0xe000_0000;
const MIB = 0x10_0000;

/** Device numbers on PCI bus 0, as on the boards that firmware of this chipset's time knows. */
const Slot = { hostBridge: 0, isa: 1, vga: 2 } as const;

export interface PcOptions {
  readonly clock: MachineClock;
  readonly completions: Completions;
  readonly memory: GuestMemory;
  readonly map: PhysicalMap;
  readonly memoryBytes: number;
  readonly videoMemory: Uint8Array;
  readonly videoDirty: VideoDirtyPages;
  /** INTR pin of the CPU. */
  readonly interrupt: InterruptLine;
  /** FERR# and IGNNE#. */
  readonly fpuErrorPins: FpuErrorPins;
  readonly a20: InterruptLine;
  readonly resetCpu: () => void;
  readonly resetBoard: () => void;
  readonly powerOff: () => void;
  /** ROM behind a page between C0000 and FFFFF. */
  readonly romAt: (address: number) => Backing | undefined;
  /** Video BIOS of the display adapter's expansion ROM; `bytes` a power of two. */
  readonly videoRom?: { readonly backing: Backing; readonly bytes: number } | undefined;
  readonly ideDrives: readonly (IdeDrive | undefined)[];
  readonly floppyDrives: readonly FloppyDrive[];
  readonly serial: readonly SerialBackend[];
  readonly serialSpace: (port: number) => void;
  readonly speaker: SpeakerBackend;
  readonly debug: DebugPortOptions;
  readonly startDateMs: number;
  /** The host's clock, which the real-time clock follows; absent in a machine that repeats. */
  readonly hostNowMs?: () => number;
  /** The CPU's general registers for VMware's backdoor, which passes its arguments in them. */
  readonly backdoorRegisters: BackdoorRegisters;
  readonly absolutePointerChanged: (absolute: boolean) => void;
  /** Devices that only some machines have. */
  readonly extra: readonly Device<unknown>[];
}

/** The board of our PC: which chip sits where and whose line reaches whom. Nothing else knows. */
export class Pc {
  readonly bus = new Bus();
  readonly pic: PicPair;
  readonly rtc: Mc146818;
  readonly i8042: I8042;
  readonly pointer: VmMouse;
  readonly serial: readonly Uart16550[];
  readonly power: Piix4Pm;
  readonly vga: Vga;
  readonly fpuError: FpuError;
  /** Everything with state, in the order of reset, save and restore. */
  readonly devices: readonly Device<unknown>[];

  constructor(options: PcOptions) {
    const { bus } = this;
    const { clock, completions, memory, map, resetCpu } = options;
    const rangesChanged = (): void => bus.rangesChanged();
    const window: PciWindow = { base: Math.max(PCI_MEMORY_BASE, options.memoryBytes), end: PCI_MEMORY_END };

    this.pic = new PicPair(options.interrupt);
    const line = (irq: number): InterruptLine => this.pic.line(irq);
    // The SCI and a PCI interrupt steered to it share an input.
    const irq9 = new SharedLine(line(9));

    const pit: Pit8254 = new Pit8254({ clock, irq: line(0), toneChanged: () => speaker.update() });
    const port61: Port61 = new Port61({ clock, timer: pit, speakerChanged: () => speaker.update() });
    const speaker = new Speaker({ toneHz: () => pit.toneHz(2), speakerData: () => port61.speakerData }, options.speaker);
    const dma = new DmaPair(memory);
    this.rtc = new Mc146818({
      clock,
      irq: line(8),
      startDateMs: options.startDateMs,
      ...(options.hostNowMs ? { hostNowMs: options.hostNowMs } : {}),
    });

    // One latch: the last write of either port counts.
    const { a20 } = options;
    this.i8042 = new I8042({ clock, keyboardIrq: line(1), mouseIrq: line(12), a20, resetCpu });
    const port92 = new Port92({ a20, resetCpu });
    const resetControl = new ResetControl({ resetCpu, resetBoard: options.resetBoard });
    this.pointer = new VmMouse({ announce: () => this.i8042.mouse.nudge(), absoluteChanged: options.absolutePointerChanged });

    this.fpuError = new FpuError(options.fpuErrorPins, line(13));

    this.serial = options.serial.map(
      (backend, i) =>
        new Uart16550(`com${i + 1}`, {
          base: i === 0 ? UART_PORTS.COM1 : UART_PORTS.COM2,
          clock,
          irq: line(i === 0 ? 4 : 3),
          backend,
          receiveSpace: () => options.serialSpace(i),
        }),
    );
    const fdc = new Fdc82077({ clock, irq: line(6), dma: dma.channel(2), completions, drives: options.floppyDrives });

    const primary = new IdeChannel({
      name: 'ide0',
      commandBase: 0x1f0,
      controlPort: 0x3f6,
      irq: line(14),
      memory,
      drives: options.ideDrives.slice(0, 2),
    });
    const secondary = new IdeChannel({
      name: 'ide1',
      commandBase: 0x170,
      controlPort: 0x376,
      irq: line(15),
      memory,
      drives: options.ideDrives.slice(2, 4),
    });
    this.vga = new Vga({ clock, vram: options.videoMemory, dirty: options.videoDirty, map });
    this.power = new Piix4Pm({ clock, sci: irq9.driver(), powerOff: options.powerOff });

    map.map(0, 0xa_0000, { region: 'ram', offset: 0 }, { region: 'ram', offset: 0 });
    map.map(MIB, options.memoryBytes - MIB, { region: 'ram', offset: MIB }, { region: 'ram', offset: MIB });
    const pci = new ConfigurationMechanism();
    pci.plug(Slot.hostBridge, 0, new I440fx(map, options.romAt));
    pci.plug(Slot.isa, 0, new Piix3Isa(Array.from({ length: 16 }, (_, irq) => (irq === 9 ? irq9.driver() : line(irq)))));
    pci.plug(Slot.isa, 1, new Piix3Ide(primary, secondary, rangesChanged));
    pci.plug(Slot.isa, 3, new Piix4PmFunction(this.power, rangesChanged));
    pci.plug(
      Slot.vga,
      0,
      new VgaFunction({ vga: this.vga, map, window, rangesChanged, ...(options.videoRom ? { rom: options.videoRom } : {}) }),
    );

    // Reset control after the configuration mechanism: a byte at CF9 is its own.
    // The interrupt controllers last: restored inputs must not look like edges to them.
    this.devices = [
      pit,
      dma,
      this.rtc,
      port61,
      port92,
      pci,
      resetControl,
      this.i8042,
      ...this.serial,
      fdc,
      primary,
      secondary,
      this.power,
      this.vga,
      this.pointer,
      this.fpuError,
      new DebugPort(options.debug),
      ...options.extra,
      this.pic.first,
      this.pic.second,
    ] as readonly Device<unknown>[];
    bus.attach(...this.devices, new BackdoorPort(this.pointer, options.backdoorRegisters));
  }
}
