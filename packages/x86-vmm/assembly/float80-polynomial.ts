/*
 * 128-bit numbers for the transcendental functions and the series they use. Two forms: fixed point, value = h.l x 2^-128 in [0, 1); and
 * floating point, value = h.l x 2^(e - 127) with the top bit of h set. Results are left in `Number128`. Each operation truncates: its
 * relative error is below 2^-125, far under the 2^-64 that rounding sees.
 */
import { multiply, multiplyHigh, divide, Wide } from './float80-wide';

export class Number128 {
  static h: u64 = 0;
  static l: u64 = 0;
  static e: i32 = 0;
}

/** 1/2!, 1/3!, ... 1/29! */
export const EXPONENTIAL: StaticArray<u64> = [
  0x8000_0000_0000_0000, 0x0000_0000_0000_0000,
  0x2aaa_aaaa_aaaa_aaaa, 0xaaaa_aaaa_aaaa_aaab,
  0x0aaa_aaaa_aaaa_aaaa, 0xaaaa_aaaa_aaaa_aaab,
  0x0222_2222_2222_2222, 0x2222_2222_2222_2222,
  0x005b_05b0_5b05_b05b, 0x05b0_5b05_b05b_05b0,
  0x000d_00d0_0d00_d00d, 0x00d0_0d00_d00d_00d0,
  0x0001_a01a_01a0_1a01, 0xa01a_01a0_1a01_a01a,
  0x0000_2e3b_c74a_ad8e, 0x671f_5583_911c_a003,
  0x0000_049f_93ed_de27, 0xd71c_bbc0_5b4f_a99a,
  0x0000_006b_9915_9fd5, 0x138e_3f9d_1f92_e0df,
  0x0000_0008_f76c_77fc, 0x6c4b_daa2_6d4c_3d68,
  0x0000_0000_b092_309d, 0x4368_4be5_1c19_8e92,
  0x0000_0000_0c9c_ba54, 0x603e_4e90_5d6f_8a2f,
  0x0000_0000_00d7_3f9f, 0x399d_c0f8_8ec3_2b58,
  0x0000_0000_000d_73f9, 0xf399_dc0f_88ec_32b6,
  0x0000_0000_0000_ca96, 0x3b81_856a_5359_3029,
  0x0000_0000_0000_0b41, 0x3c31_dcbe_cbbd_d802,
  0x0000_0000_0000_0097, 0xa4da_340a_0ab9_2651,
  0x0000_0000_0000_0007, 0x950a_e900_8089_41ea,
  0x0000_0000_0000_0000, 0x5c6e_3bdb_73d5_c630,
  0x0000_0000_0000_0000, 0x0433_8e5b_6dfe_14a5,
  0x0000_0000_0000_0000, 0x002e_c368_262c_7034,
  0x0000_0000_0000_0000, 0x0001_f2cf_0197_2f57,
  0x0000_0000_0000_0000, 0x0000_13f3_ccdd_1660,
  0x0000_0000_0000_0000, 0x0000_00c4_742f_e352,
  0x0000_0000_0000_0000, 0x0000_0007_46ac_70b7,
  0x0000_0000_0000_0000, 0x0000_0000_4286_2899,
  0x0000_0000_0000_0000, 0x0000_0000_024b_3f31,
];
/** 1/3, 1/5, ... 1/47: arcs of tangent and hyperbolic tangent */
export const HYPERBOLIC_TANGENT: StaticArray<u64> = [
  0x5555_5555_5555_5555, 0x5555_5555_5555_5555,
  0x3333_3333_3333_3333, 0x3333_3333_3333_3333,
  0x2492_4924_9249_2492, 0x4924_9249_2492_4925,
  0x1c71_c71c_71c7_1c71, 0xc71c_71c7_1c71_c71c,
  0x1745_d174_5d17_45d1, 0x745d_1745_d174_5d17,
  0x13b1_3b13_b13b_13b1, 0x3b13_b13b_13b1_3b14,
  0x1111_1111_1111_1111, 0x1111_1111_1111_1111,
  0x0f0f_0f0f_0f0f_0f0f, 0x0f0f_0f0f_0f0f_0f0f,
  0x0d79_435e_50d7_9435, 0xe50d_7943_5e50_d794,
  0x0c30_c30c_30c3_0c30, 0xc30c_30c3_0c30_c30c,
  0x0b21_642c_8590_b216, 0x42c8_590b_2164_2c86,
  0x0a3d_70a3_d70a_3d70, 0xa3d7_0a3d_70a3_d70a,
  0x097b_425e_d097_b425, 0xed09_7b42_5ed0_97b4,
  0x08d3_dcb0_8d3d_cb08, 0xd3dc_b08d_3dcb_08d4,
  0x0842_1084_2108_4210, 0x8421_0842_1084_2108,
  0x07c1_f07c_1f07_c1f0, 0x7c1f_07c1_f07c_1f08,
  0x0750_7507_5075_0750, 0x7507_5075_0750_7507,
  0x06eb_3e45_306e_b3e4, 0x5306_eb3e_4530_6eb4,
  0x0690_6906_9069_0690, 0x6906_9069_0690_6907,
  0x063e_7063_e706_3e70, 0x63e7_063e_7063_e706,
  0x05f4_17d0_5f41_7d05, 0xf417_d05f_417d_05f4,
  0x05b0_5b05_b05b_05b0, 0x5b05_b05b_05b0_5b06,
  0x0572_620a_e4c4_15c9, 0x882b_9310_5726_20ae,
];
/** 1/3!, 1/5!, ... 1/31! */
export const SINE: StaticArray<u64> = [
  0x2aaa_aaaa_aaaa_aaaa, 0xaaaa_aaaa_aaaa_aaab,
  0x0222_2222_2222_2222, 0x2222_2222_2222_2222,
  0x000d_00d0_0d00_d00d, 0x00d0_0d00_d00d_00d0,
  0x0000_2e3b_c74a_ad8e, 0x671f_5583_911c_a003,
  0x0000_006b_9915_9fd5, 0x138e_3f9d_1f92_e0df,
  0x0000_0000_b092_309d, 0x4368_4be5_1c19_8e92,
  0x0000_0000_00d7_3f9f, 0x399d_c0f8_8ec3_2b58,
  0x0000_0000_0000_ca96, 0x3b81_856a_5359_3029,
  0x0000_0000_0000_0097, 0xa4da_340a_0ab9_2651,
  0x0000_0000_0000_0000, 0x5c6e_3bdb_73d5_c630,
  0x0000_0000_0000_0000, 0x002e_c368_262c_7034,
  0x0000_0000_0000_0000, 0x0000_13f3_ccdd_1660,
  0x0000_0000_0000_0000, 0x0000_0007_46ac_70b7,
  0x0000_0000_0000_0000, 0x0000_0000_024b_3f31,
  0x0000_0000_0000_0000, 0x0000_0000_0000_a1a7,
];
/** 1/2!, 1/4!, ... 1/30! */
export const COSINE: StaticArray<u64> = [
  0x8000_0000_0000_0000, 0x0000_0000_0000_0000,
  0x0aaa_aaaa_aaaa_aaaa, 0xaaaa_aaaa_aaaa_aaab,
  0x005b_05b0_5b05_b05b, 0x05b0_5b05_b05b_05b0,
  0x0001_a01a_01a0_1a01, 0xa01a_01a0_1a01_a01a,
  0x0000_049f_93ed_de27, 0xd71c_bbc0_5b4f_a99a,
  0x0000_0008_f76c_77fc, 0x6c4b_daa2_6d4c_3d68,
  0x0000_0000_0c9c_ba54, 0x603e_4e90_5d6f_8a2f,
  0x0000_0000_000d_73f9, 0xf399_dc0f_88ec_32b6,
  0x0000_0000_0000_0b41, 0x3c31_dcbe_cbbd_d802,
  0x0000_0000_0000_0007, 0x950a_e900_8089_41ea,
  0x0000_0000_0000_0000, 0x0433_8e5b_6dfe_14a5,
  0x0000_0000_0000_0000, 0x0001_f2cf_0197_2f57,
  0x0000_0000_0000_0000, 0x0000_00c4_742f_e352,
  0x0000_0000_0000_0000, 0x0000_0000_4286_2899,
  0x0000_0000_0000_0000, 0x0000_0000_0013_932c,
];
/** arctangent of 0/8, 1/8, ... 8/8 times 2^126 */
export const ARCTANGENT_EIGHTHS: StaticArray<u64> = [
  0x0000_0000_0000_0000, 0x0000_0000_0000_0000,
  0x07f5_6ea6_ab0b_db71, 0x9644_bcc4_f9f4_4478,
  0x0fad_bafc_9640_6eb1, 0x56dc_79ef_5f7a_217e,
  0x16f6_1941_e4de_f08e, 0x7154_6424_5b9f_c890,
  0x1dac_6705_61bb_4f68, 0xadfc_88bd_9787_51a0,
  0x23c0_1757_bdfd_67e6, 0xd720_d785_9971_0dd2,
  0x292f_1f46_4d3d_c249, 0x066a_1fca_915f_6b28,
  0x2e01_4f8a_f08c_679c, 0xf2cb_6954_8429_110f,
  0x3243_f6a8_885a_308d, 0x3131_98a2_e037_0734,
];

/** h.l <- high 128 bits of (ah.al) x (bh.bl). */
export function multiplyFixed(ah: u64, al: u64, bh: u64, bl: u64): void {
  const first = multiplyHigh(ah, bl);
  const second = multiplyHigh(al, bh);
  let low = multiply(ah, bh);
  let high = Wide.high;
  low += first;
  high += <u64>(low < first);
  low += second;
  high += <u64>(low < second);
  Number128.h = high;
  Number128.l = low;
}
/** Brings the top bit of Number128 up; the value must not be zero. */
export function normalize(): void {
  let h = Number128.h;
  let l = Number128.l;
  if (h == 0) {
    h = l;
    l = 0;
    Number128.e -= 64;
  }
  const shift = <i32>clz(h);
  if (shift != 0) {
    h = (h << shift) | (l >> (64 - shift));
    l <<= shift;
    Number128.e -= shift;
  }
  Number128.h = h;
  Number128.l = l;
}
/** Floating product. */
export function multiplyFloat(ae: i32, ah: u64, al: u64, be: i32, bh: u64, bl: u64): void {
  multiplyFixed(ah, al, bh, bl);
  Number128.e = ae + be + 1;
  normalize();
}
/** One digit of a long division: high.middle / dh, and what it leaves of high.middle.next over dh.dl in `Digit`. */
class Digit {
  static high: u64 = 0;
  static low: u64 = 0;
}
function digit(high: u64, middle: u64, dh: u64, dl: u64): u64 {
  let q: u64 = high < dh ? divide(high, middle, dh) : ~(<u64>0);
  // rest = high.middle.0 - q x dh.dl, in 192 bits.
  const p0 = multiply(q, dl);
  const p1a = Wide.high;
  const p1b = multiply(q, dh);
  let p2 = Wide.high;
  const p1 = p1a + p1b;
  p2 += <u64>(p1 < p1a);
  let r0 = 0 - p0;
  let borrow = <u64>(p0 != 0);
  let r1 = middle - p1 - borrow;
  borrow = <u64>(middle < p1 || (middle == p1 && borrow != 0));
  let r2 = high - p2 - borrow;
  while (r2 != 0) {
    q--;
    const s0 = r0 + dl;
    let carry = <u64>(s0 < r0);
    const s1 = r1 + dh;
    const c1 = <u64>(s1 < r1);
    const s1c = s1 + carry;
    carry = c1 + <u64>(s1c < s1);
    r0 = s0;
    r1 = s1c;
    r2 += carry;
  }
  Digit.high = r1;
  Digit.low = r0;
  return q;
}
/** Floating quotient. */
export function divideFloat(ae: i32, ah: u64, al: u64, be: i32, bh: u64, bl: u64): void {
  let e = ae - be;
  if (ah > bh || (ah == bh && al >= bl)) {
    al = (al >> 1) | (ah << 63);
    ah >>= 1;
  } else e--;
  const q1 = digit(ah, al, bh, bl);
  const q0 = digit(Digit.high, Digit.low, bh, bl);
  Number128.h = q1;
  Number128.l = q0;
  Number128.e = e;
  normalize();
}
/** Fixed point from a float below 1 (e < 0). */
export function floatToFixed(e: i32, h: u64, l: u64): void {
  const shift = -1 - e;
  if (shift == 0) {
    Number128.h = h;
    Number128.l = l;
  } else if (shift < 64) {
    Number128.h = h >> shift;
    Number128.l = (l >> shift) | (h << (64 - shift));
  } else {
    Number128.h = 0;
    Number128.l = shift < 128 ? h >> (shift - 64) : 0;
  }
}

/**
 * Horner's rule: c0 -+ x (c1 -+ x (c2 ...)), fixed point, all terms and partial sums in (0, 1). `alternating`: minus. Result in Number128,
 * not zero, so that what is added to or taken from 1 is never nothing.
 */
export function series(coefficients: StaticArray<u64>, xh: u64, xl: u64, alternating: bool): void {
  const at = changetype<usize>(coefficients);
  let i = coefficients.length - 2;
  let h = load<u64>(at + (<usize>i << 3));
  let l = load<u64>(at + (<usize>i << 3), 8);
  while (i > 0) {
    i -= 2;
    multiplyFixed(h, l, xh, xl);
    const ch = load<u64>(at + (<usize>i << 3));
    const cl = load<u64>(at + (<usize>i << 3), 8);
    if (alternating) {
      l = cl - Number128.l;
      h = ch - Number128.h - <u64>(cl < Number128.l);
    } else {
      l = cl + Number128.l;
      h = ch + Number128.h + <u64>(l < cl);
    }
  }
  Number128.h = h;
  Number128.l = l;
}
/** 1 + x s or 1 - x s as a float, s the series in Number128. */
export function oneWith(xh: u64, xl: u64, minus: bool): void {
  multiplyFixed(Number128.h, Number128.l, xh, xl);
  let h = Number128.h;
  let l = Number128.l;
  if ((h | l) == 0) l = 1;
  if (minus) {
    // 1 - f as a fraction.
    l = 0 - l;
    h = 0 - h - <u64>(l != 0);
    Number128.h = h;
    Number128.l = l;
    Number128.e = -1;
    normalize();
  } else {
    Number128.l = (l >> 1) | (h << 63);
    Number128.h = 0x8000_0000_0000_0000 | (h >> 1);
    Number128.e = 0;
  }
}
