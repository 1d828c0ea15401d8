import type { RegisterFile } from './register-file.js';
import { ATTR, ATTR_MODE } from './registers.js';

/* From pixel values to colours: the attribute controller's palette and the DAC. Source: IBM VGA technical reference, "Attribute Controller". */

export class Palette {
  /** 0xffRRGGBB of the 16 attribute values (text, planar and CGA modes). */
  readonly colors16 = new Uint32Array(16);
  /** 0xffRRGGBB of the 256 DAC indices (256-colour modes). */
  readonly colors256 = new Uint32Array(256);

  compute({ attr, dac }: RegisterFile): void {
    const mode = attr[ATTR.MODE]!;
    const select = attr[ATTR.COLOR_SELECT]!;
    const enabled = attr[ATTR.PLANE_ENABLE]! & 0xf;
    for (let i = 0; i < 16; i++) {
      const register = attr[i & enabled]!;
      const low = mode & ATTR_MODE.PALETTE_54_FROM_SELECT ? (register & 0x0f) | ((select & 3) << 4) : register & 0x3f;
      this.colors16[i] = dac.pixel(((select & 0xc) << 4) | low);
    }
    for (let i = 0; i < 256; i++) this.colors256[i] = dac.pixel(i);
  }
}
