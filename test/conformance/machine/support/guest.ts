import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { assemble } from '@millwright/assembler';
import { mediumModule } from '@millwright/block-store';
import { readBios } from '@millwright/firmware';
import { createMachine, type Machine, type MachineEvent, type MachineSpec, type MachineState } from '@millwright/x86-vmm';

export const SECTOR = 512;
const FLOPPY_SECTORS = 2880;

/** Routines that boot programs share: text to COM1 and to the debug console, ending through the debug-exit port. */
const PRELUDE = `
bits 16
org 0x7C00
        cli
        xor ax, ax
        mov ds, ax
        mov es, ax
        mov ss, ax
        mov sp, 0x7C00
        sti
        jmp main
put_debug:                              ; AL
        out 0xE9, al
        ret
set_serial:                             ; COM1 at 115200 8N1
        mov dx, 0x3FB
        mov al, 0x83
        out dx, al
        mov dx, 0x3F8
        mov ax, 1
        out dx, ax
        mov dx, 0x3FB
        mov al, 3
        out dx, al
        ret
put_serial:                             ; AL; waits for the transmitter
        push dx
        push ax
        mov dx, 0x3FD
.wait:  in al, dx
        test al, 0x20
        jz .wait
        pop ax
        mov dx, 0x3F8
        out dx, al
        pop dx
        ret
exit:                                   ; AL
        out 0xF4, al
        jmp exit
main:
`;

/** A boot sector of our own; more than 510 bytes are refused. */
export function bootSector(program: string): Uint8Array {
  const { bytes } = assemble(PRELUDE + program, { file: 'boot-program' });
  if (bytes.length > SECTOR - 2) throw new Error(`the boot program has ${bytes.length} bytes`);
  const sector = new Uint8Array(SECTOR);
  sector.set(bytes);
  sector.set([0x55, 0xaa], SECTOR - 2);
  return sector;
}

/** An ELF file of one segment at 1 MiB around code that begins with a Multiboot header. */
export function multibootKernel(code: Uint8Array): Uint8Array {
  const ADDRESS = 0x10_0000;
  const HEADERS = 0x1000;
  const file = new Uint8Array(HEADERS + code.length);
  const view = new DataView(file.buffer);
  file.set([0x7f, 0x45, 0x4c, 0x46, 1, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 3, true);
  view.setUint32(20, 1, true);
  view.setUint32(24, ADDRESS + 12, true);
  view.setUint32(28, 52, true);
  view.setUint16(40, 52, true);
  view.setUint16(42, 32, true);
  view.setUint16(44, 1, true);
  const segment = [1, HEADERS, ADDRESS, ADDRESS, code.length, code.length + 0x1000, 7, 0x1000];
  for (const [i, word] of segment.entries()) view.setUint32(52 + 4 * i, word, true);
  file.set(code, HEADERS);
  return file;
}

/** A folder for a test's images and its machines; `end` stops and removes them. */
export class Workshop {
  readonly folder = mkdtempSync(join(tmpdir(), 'machine-'));
  readonly #machines: Machine[] = [];

  path(name: string): string {
    return join(this.folder, name);
  }

  image(name: string, bytes: Uint8Array, sectors = FLOPPY_SECTORS): string {
    const image = new Uint8Array(sectors * SECTOR);
    image.set(bytes);
    writeFileSync(this.path(name), image);
    return this.path(name);
  }

  /** A machine that boots `program` from a diskette. */
  async boot(program: string, spec: Partial<MachineSpec> = {}, restoreFrom?: string): Promise<Machine> {
    return this.machine(
      { floppies: [medium(this.image('floppy.img', bootSector(program)), true)], bootOrder: ['floppy'], ...spec },
      restoreFrom,
    );
  }

  async machine(spec: Partial<MachineSpec>, restoreFrom?: string): Promise<Machine> {
    const machine = await createMachine({ memoryMiB: 8, bios: readBios(), debugExit: true, ...spec }, restoreFrom);
    this.#machines.push(machine);
    return machine;
  }

  async end(): Promise<void> {
    for (const machine of this.#machines) await machine.stop().catch(() => {});
    rmSync(this.folder, { recursive: true, force: true });
  }
}

export function medium(image: string, readOnly = false): { readonly module: string; readonly options: unknown } {
  return { module: mediumModule, options: { image, readOnly } };
}
export function overlay(image: string, changes: string): { readonly module: string; readonly options: unknown } {
  return { module: mediumModule, options: { image, overlay: changes } };
}

/** Collects what a machine says on COM1 or on the debug console, and waits for texts in it. */
export class Transcript {
  text = '';
  readonly #waiting: { readonly wanted: string; readonly resolve: () => void }[] = [];

  constructor(machine: Machine, source: 'serial' | 'debug') {
    machine.listen((event) => {
      if (event.event !== source) return;
      this.text += Buffer.from(event.bytes).toString('latin1');
      for (const each of this.#waiting) if (this.text.includes(each.wanted)) each.resolve();
    });
  }

  seen(wanted: string): Promise<void> {
    return new Promise((resolve) => {
      if (this.text.includes(wanted)) resolve();
      else this.#waiting.push({ wanted, resolve });
    });
  }
}

/** Resolves with the event when the machine is in a state. */
export function untilState(machine: Machine, state: MachineState): Promise<void> {
  return new Promise((resolve) => {
    if (machine.state === state) resolve();
    else machine.listen((event: MachineEvent) => event.event === 'state' && event.state === state && resolve());
  });
}
