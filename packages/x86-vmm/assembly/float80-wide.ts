/* Integer arithmetic wider than a machine word: 64 x 64 -> 128, 128 / 64, square root of 128 bits. Second results are left in `Wide`. */

export class Wide {
  /** High half of a product; remainder of a quotient or root. */
  static high: u64 = 0;
  /** Second word of a result that has one (low half of a 128-bit value). */
  static low: u64 = 0;
}

/** Low half of a x b; the high half in `Wide.high`. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function multiply(a: u64, b: u64): u64 {
  const a0 = a & 0xffff_ffff;
  const a1 = a >> 32;
  const b0 = b & 0xffff_ffff;
  const b1 = b >> 32;
  const p00 = a0 * b0;
  const middle = a1 * b0 + (p00 >> 32);
  const cross = a0 * b1 + (middle & 0xffff_ffff);
  Wide.high = a1 * b1 + (middle >> 32) + (cross >> 32);
  return (cross << 32) | (p00 & 0xffff_ffff);
}
/** High half of a x b. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function multiplyHigh(a: u64, b: u64): u64 {
  const a0 = a & 0xffff_ffff;
  const a1 = a >> 32;
  const b0 = b & 0xffff_ffff;
  const b1 = b >> 32;
  const middle = a1 * b0 + ((a0 * b0) >> 32);
  const cross = a0 * b1 + (middle & 0xffff_ffff);
  return a1 * b1 + (middle >> 32) + (cross >> 32);
}

/** m x 2^-d in two words for d >= 0: the integer word, and the word behind it with a sticky last bit. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function shiftedRight(m: u64, d: u32): u64 {
  return d < 64 ? m >> d : 0;
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline export function shiftedOut(m: u64, d: u32): u64 {
  if (d == 0) return 0;
  if (d <= 64) return m << (64 - d);
  return d < 128 ? (m >> (d - 64)) | <u64>(m << (128 - d) != 0) : 1;
}

/** Quotient of high.low / d for d with its top bit set and high < d (Knuth's algorithm D with 32-bit digits); the remainder in `Wide.high`. */
export function divide(high: u64, low: u64, d: u64): u64 {
  const d1 = d >> 32;
  const d0 = d & 0xffff_ffff;
  let q1 = high / d1;
  let r = high - q1 * d1;
  while (q1 > 0xffff_ffff || q1 * d0 > ((r << 32) | (low >> 32))) {
    q1--;
    r += d1;
    if (r > 0xffff_ffff) break;
  }
  const middle = ((high << 32) | (low >> 32)) - q1 * d;
  let q0 = middle / d1;
  r = middle - q0 * d1;
  while (q0 > 0xffff_ffff || q0 * d0 > ((r << 32) | (low & 0xffff_ffff))) {
    q0--;
    r += d1;
    if (r > 0xffff_ffff) break;
  }
  Wide.high = ((middle << 32) | (low & 0xffff_ffff)) - q0 * d;
  return (q1 << 32) | q0;
}

/**
 * Floor of the square root of high.low for high >= 2^62; the remainder's low 64 bits in `Wide.high`, its 65th bit in `Wide.low`.
 * Zimmermann's "Karatsuba square root": the root of the upper half, then one division for the lower half.
 */
export function squareRoot(high: u64, low: u64): u64 {
  // Upper half: a double's root of 64 bits is off by at most one after truncation.
  let s1 = <u64>sqrt<f64>(<f64>high);
  if (s1 > 0xffff_ffff) s1 = 0xffff_ffff;
  while (s1 * s1 > high) s1--;
  let r1 = high - s1 * s1;
  while (r1 > s1 << 1) {
    r1 -= (s1 << 1) + 1;
    s1++;
  }
  // (r1 . next 32 bits) / 2 s1. r1 has up to 33 bits, so the dividend is halved to fit.
  const dividend = (r1 << 31) | (low >> 33);
  let q = dividend / s1;
  let u = dividend - q * s1;
  if (q > 0xffff_ffff) {
    u += (q - 0xffff_ffff) * s1;
    q = 0xffff_ffff;
  }
  let s = (s1 << 32) + q;
  // Remainder = u . (33 bits of low) - q^2, in 128 bits.
  const below = ((u << 33) | (low & 0x1_ffff_ffff));
  let over: i64 = <i64>(u >> 31);
  const square = q * q;
  if (below < square) over--;
  let rest = below - square;
  if (over < 0) {
    // One too large: s - 1 leaves the remainder plus 2 s - 1.
    const back = (s << 1) - 1;
    const sum = rest + back;
    over += <i64>(s >> 63) + <i64>(sum < rest);
    rest = sum;
    s--;
  }
  Wide.high = rest;
  Wide.low = <u64>over;
  return s;
}
