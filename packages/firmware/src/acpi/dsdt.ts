/*
 * The DSDT of our board: i440FX host bridge, PIIX3 with its PIRQ routing, the ISA devices, S5.
 * Numbers agree with src/bios/pci.asm (PIRQ routes, PM base) and the PIIX data sheets.
 */
import {
  type Aml,
  and,
  argument,
  busRange,
  byteField,
  createWordField,
  decrement,
  device,
  dma,
  eisaId,
  findSetRightBit,
  ifElse,
  integer,
  irq,
  local,
  memoryWindow,
  method,
  name,
  or,
  packageOf,
  path,
  pciConfigRegion,
  ports,
  portWindow,
  resources,
  returns,
  scope,
  shiftLeft,
  store,
} from './aml.js';

const LINKS = ['LNKA', 'LNKB', 'LNKC', 'LNKD'] as const;
/** Interrupts a PIRQ may be routed to; pci.asm starts with 10 and 11. */
const ROUTABLE = [5, 10, 11];
const SCI = 9;
const ROUTE_DISABLED = 0x80;
const PRESENT = 0x0b;
const PRESENT_OFF = 0x09;
const LAST_SLOT = 31;

/** Interrupt link: one PIRQ register of the PIIX3 behind the four methods of 6.2. */
function link(id: string, uid: number, register: string): Aml {
  const route = path(`\\_SB.PCI0.ISA.${register}`);
  return device(
    id,
    name('_HID', eisaId('PNP0C0F')),
    name('_UID', integer(uid)),
    name('_PRS', resources(irq(ROUTABLE, true))),
    name('BUFR', resources(irq([], true))),
    createWordField(path('BUFR'), 1, 'IRQW'),
    method('_STA', 0, ifElse(and(route, integer(ROUTE_DISABLED)), [returns(integer(PRESENT_OFF))], [returns(integer(PRESENT))])),
    method('_DIS', 0, or(route, integer(ROUTE_DISABLED), route)),
    method(
      '_CRS',
      0,
      ifElse(
        and(route, integer(ROUTE_DISABLED)),
        [store(integer(0), path('IRQW'))],
        [and(route, integer(0x0f), local(0)), shiftLeft(integer(1), local(0), path('IRQW'))],
      ),
      returns(path('BUFR')),
    ),
    method(
      '_SRS',
      1,
      createWordField(argument(0), 1, 'IRQS'),
      findSetRightBit(path('IRQS'), local(0)),
      decrement(local(0)),
      store(local(0), route),
    ),
  );
}

/** Pin p of slot s is PIRQ (s - 1 + p) & 3; the PIIX4's own pin A is the SCI. */
function routingTable(): Aml {
  const entries: Aml[] = [];
  for (let slot = 1; slot <= LAST_SLOT; slot++) {
    for (let pin = 0; pin < 4; pin++) {
      const target = slot === 1 && pin === 0 ? 'LNKS' : LINKS[(slot - 1 + pin) & 3]!;
      entries.push(packageOf(integer(slot * 0x10000 + 0xffff), integer(pin), path(target), integer(0)));
    }
  }
  return packageOf(...entries);
}

const isaDevice = (id: string, hid: string, uid: number | undefined, ...resource: Aml[]): Aml =>
  device(id, name('_HID', eisaId(hid)), ...(uid === undefined ? [] : [name('_UID', integer(uid))]), name('_CRS', resources(...resource)));

/** The definition block's terms, without the table header. */
export function dsdtTerms(): Uint8Array {
  const isa = device(
    'ISA',
    name('_ADR', integer(0x00010000)),
    pciConfigRegion('PRTE', 0x60, 4),
    byteField('PRTE', [
      ['PRQA', 8],
      ['PRQB', 8],
      ['PRQC', 8],
      ['PRQD', 8],
    ]),
    isaDevice('PIC', 'PNP0000', undefined, ports(0x20, 2), ports(0xa0, 2), ports(0x4d0, 2), irq([2])),
    isaDevice('TMR', 'PNP0100', undefined, ports(0x40, 4), irq([0])),
    isaDevice('DMAC', 'PNP0200', undefined, ports(0x00, 0x10), ports(0x81, 0x0f), ports(0xc0, 0x20), dma(4)),
    isaDevice('RTC', 'PNP0B00', undefined, ports(0x70, 2), irq([8])),
    isaDevice('SPKR', 'PNP0800', undefined, ports(0x61, 1)),
    isaDevice('FPU', 'PNP0C04', undefined, ports(0xf0, 1), irq([13])),
    isaDevice('KBD', 'PNP0303', undefined, ports(0x60, 1), ports(0x64, 1), irq([1])),
    isaDevice('MOU', 'PNP0F13', undefined, irq([12])),
    isaDevice('FDC0', 'PNP0700', undefined, ports(0x3f2, 4), ports(0x3f7, 1), irq([6]), dma(2)),
    isaDevice('COM1', 'PNP0501', 1, ports(0x3f8, 8), irq([4])),
    isaDevice('COM2', 'PNP0501', 2, ports(0x2f8, 8), irq([3])),
  );
  const pci = device(
    'PCI0',
    name('_HID', eisaId('PNP0A03')),
    name('_ADR', integer(0)),
    name('_UID', integer(0)),
    name(
      '_CRS',
      resources(
        busRange(0, 0xff),
        ports(0xcf8, 8),
        portWindow(0x0000, 0x0cf7),
        portWindow(0x0d00, 0xffff),
        memoryWindow(0x000a0000, 0x000bffff, true),
        memoryWindow(0xe0000000, 0xfebfffff, false),
      ),
    ),
    isa,
    ...LINKS.map((id, index) => link(id, index + 1, `PRQ${id[3]}`)),
    device(
      'LNKS',
      name('_HID', eisaId('PNP0C0F')),
      name('_UID', integer(5)),
      name('_PRS', resources(irq([SCI], true))),
      name('_CRS', resources(irq([SCI], true))),
      method('_STA', 0, returns(integer(PRESENT))),
      method('_DIS', 0),
      method('_SRS', 1),
    ),
    name('_PRT', routingTable()),
  );
  return Uint8Array.from([...name('\\_S5', packageOf(integer(0), integer(0), integer(0), integer(0))), ...scope('\\_SB', pci)]);
}
