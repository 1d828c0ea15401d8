import { TRANSFER_MODE } from './registers.js';

/** The DMA mode that SET FEATURES chose, as words 63 and 88 of the identify data show it. Modes up to multiword 2 and Ultra 5 are taken. */
export class TransferModes {
  /** Value of the sector count register of the last accepted SET TRANSFER MODE. */
  selected: number = TRANSFER_MODE.MULTIWORD_DMA | 2;

  /** False: the mode does not exist here. */
  select(mode: number): boolean {
    const number = mode & 7;
    const kind = mode & TRANSFER_MODE.KIND;
    if (kind === TRANSFER_MODE.PIO_DEFAULT) return number <= 1;
    if (kind === TRANSFER_MODE.PIO) return number <= 4;
    const most = kind === TRANSFER_MODE.MULTIWORD_DMA ? 2 : kind === TRANSFER_MODE.ULTRA_DMA ? 5 : -1;
    if (number > most) return false;
    this.selected = mode;
    return true;
  }

  get multiwordDma(): number {
    return 0x0007 | this.#bit(TRANSFER_MODE.MULTIWORD_DMA);
  }

  get ultraDma(): number {
    return 0x003f | this.#bit(TRANSFER_MODE.ULTRA_DMA);
  }

  #bit(kind: number): number {
    return (this.selected & TRANSFER_MODE.KIND) === kind ? 0x100 << (this.selected & 7) : 0;
  }
}
