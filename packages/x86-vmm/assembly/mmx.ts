/* MMX operations on 64-bit values, by WebAssembly's 128-bit lanes (the upper half is not used). SDM Vol. 2. */

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function lanes(a: u64): v128 {
  return i64x2.splat(a);
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function value(a: v128): u64 {
  return i64x2.extract_lane(a, 0);
}

export function paddb(a: u64, b: u64): u64 {
  return value(i8x16.add(lanes(a), lanes(b)));
}
export function paddw(a: u64, b: u64): u64 {
  return value(i16x8.add(lanes(a), lanes(b)));
}
export function paddd(a: u64, b: u64): u64 {
  return value(i32x4.add(lanes(a), lanes(b)));
}
export function paddsb(a: u64, b: u64): u64 {
  return value(i8x16.add_sat_s(lanes(a), lanes(b)));
}
export function paddsw(a: u64, b: u64): u64 {
  return value(i16x8.add_sat_s(lanes(a), lanes(b)));
}
export function paddusb(a: u64, b: u64): u64 {
  return value(i8x16.add_sat_u(lanes(a), lanes(b)));
}
export function paddusw(a: u64, b: u64): u64 {
  return value(i16x8.add_sat_u(lanes(a), lanes(b)));
}
export function psubb(a: u64, b: u64): u64 {
  return value(i8x16.sub(lanes(a), lanes(b)));
}
export function psubw(a: u64, b: u64): u64 {
  return value(i16x8.sub(lanes(a), lanes(b)));
}
export function psubd(a: u64, b: u64): u64 {
  return value(i32x4.sub(lanes(a), lanes(b)));
}
export function psubsb(a: u64, b: u64): u64 {
  return value(i8x16.sub_sat_s(lanes(a), lanes(b)));
}
export function psubsw(a: u64, b: u64): u64 {
  return value(i16x8.sub_sat_s(lanes(a), lanes(b)));
}
export function psubusb(a: u64, b: u64): u64 {
  return value(i8x16.sub_sat_u(lanes(a), lanes(b)));
}
export function psubusw(a: u64, b: u64): u64 {
  return value(i16x8.sub_sat_u(lanes(a), lanes(b)));
}
export function pmullw(a: u64, b: u64): u64 {
  return value(i16x8.mul(lanes(a), lanes(b)));
}
export function pmulhw(a: u64, b: u64): u64 {
  // The high word of each 32-bit product, gathered.
  const products = i32x4.extmul_low_i16x8_s(lanes(a), lanes(b));
  return value(i8x16.shuffle(products, products, 2, 3, 6, 7, 10, 11, 14, 15, 0, 0, 0, 0, 0, 0, 0, 0));
}
export function pmaddwd(a: u64, b: u64): u64 {
  return value(i32x4.dot_i16x8_s(lanes(a), lanes(b)));
}
export function pcmpeqb(a: u64, b: u64): u64 {
  return value(i8x16.eq(lanes(a), lanes(b)));
}
export function pcmpeqw(a: u64, b: u64): u64 {
  return value(i16x8.eq(lanes(a), lanes(b)));
}
export function pcmpeqd(a: u64, b: u64): u64 {
  return value(i32x4.eq(lanes(a), lanes(b)));
}
export function pcmpgtb(a: u64, b: u64): u64 {
  return value(i8x16.gt_s(lanes(a), lanes(b)));
}
export function pcmpgtw(a: u64, b: u64): u64 {
  return value(i16x8.gt_s(lanes(a), lanes(b)));
}
export function pcmpgtd(a: u64, b: u64): u64 {
  return value(i32x4.gt_s(lanes(a), lanes(b)));
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function both(a: u64, b: u64): v128 {
  return i64x2.replace_lane(lanes(a), 1, b);
}
export function packsswb(a: u64, b: u64): u64 {
  const words = both(a, b);
  return value(i8x16.narrow_i16x8_s(words, words));
}
export function packssdw(a: u64, b: u64): u64 {
  const doublewords = both(a, b);
  return value(i16x8.narrow_i32x4_s(doublewords, doublewords));
}
export function packuswb(a: u64, b: u64): u64 {
  const words = both(a, b);
  return value(i8x16.narrow_i16x8_u(words, words));
}
export function punpcklbw(a: u64, b: u64): u64 {
  return value(i8x16.shuffle(lanes(a), lanes(b), 0, 16, 1, 17, 2, 18, 3, 19, 0, 0, 0, 0, 0, 0, 0, 0));
}
export function punpcklwd(a: u64, b: u64): u64 {
  return value(i8x16.shuffle(lanes(a), lanes(b), 0, 1, 16, 17, 2, 3, 18, 19, 0, 0, 0, 0, 0, 0, 0, 0));
}
export function punpckldq(a: u64, b: u64): u64 {
  return (a & 0xffff_ffff) | (b << 32);
}
export function punpckhbw(a: u64, b: u64): u64 {
  return punpcklbw(a >> 32, b >> 32);
}
export function punpckhwd(a: u64, b: u64): u64 {
  return punpcklwd(a >> 32, b >> 32);
}
export function punpckhdq(a: u64, b: u64): u64 {
  return (a >> 32) | ((b >> 32) << 32);
}

/* Shifts: the count is a whole 64-bit value; too large gives zero, or the sign everywhere. */
export function psllw(a: u64, count: u64): u64 {
  return count > 15 ? 0 : value(i16x8.shl(lanes(a), <i32>count));
}
export function pslld(a: u64, count: u64): u64 {
  return count > 31 ? 0 : value(i32x4.shl(lanes(a), <i32>count));
}
export function psllq(a: u64, count: u64): u64 {
  return count > 63 ? 0 : a << count;
}
export function psrlw(a: u64, count: u64): u64 {
  return count > 15 ? 0 : value(i16x8.shr_u(lanes(a), <i32>count));
}
export function psrld(a: u64, count: u64): u64 {
  return count > 31 ? 0 : value(i32x4.shr_u(lanes(a), <i32>count));
}
export function psrlq(a: u64, count: u64): u64 {
  return count > 63 ? 0 : a >> count;
}
export function psraw(a: u64, count: u64): u64 {
  return value(i16x8.shr_s(lanes(a), count > 15 ? 15 : <i32>count));
}
export function psrad(a: u64, count: u64): u64 {
  return value(i32x4.shr_s(lanes(a), count > 31 ? 31 : <i32>count));
}
