/* Vector operations whose arrangement an immediate chooses, for engines that read it at run time. SDM Vol. 2. Lanes go through SCRATCH. */
import { SCRATCH } from './state.generated';

const SECOND: usize = 16;
const RESULT: usize = 32;

// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function put(a: v128, b: v128): void {
  v128.store(SCRATCH, a);
  v128.store(SCRATCH + SECOND, b);
}
/** Two bits of an immediate. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function field(immediate: u32, i: u32): usize {
  return (immediate >> (2 * i)) & 3;
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function doubleword(from: usize): u32 {
  return load<u32>(SCRATCH + 4 * from);
}
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function word(from: usize): u64 {
  return load<u16>(SCRATCH + 2 * from);
}

export function pshufd(a: v128, b: v128, order: u32): v128 {
  put(a, b);
  let result = i32x4.splat(doubleword(field(order, 0)));
  result = i32x4.replace_lane(result, 1, doubleword(field(order, 1)));
  result = i32x4.replace_lane(result, 2, doubleword(field(order, 2)));
  return i32x4.replace_lane(result, 3, doubleword(field(order, 3)));
}
function words(order: u32, base: usize): u64 {
  return word(base + field(order, 0)) | (word(base + field(order, 1)) << 16) | (word(base + field(order, 2)) << 32) | (word(base + field(order, 3)) << 48);
}
export function pshuflw(a: v128, b: v128, order: u32): v128 {
  put(a, b);
  return i64x2.replace_lane(a, 0, words(order, 0));
}
export function pshufhw(a: v128, b: v128, order: u32): v128 {
  put(a, b);
  return i64x2.replace_lane(a, 1, words(order, 4));
}
export function shufps(a: v128, b: v128, order: u32): v128 {
  put(a, b);
  let result = i32x4.splat(doubleword(field(order, 0)));
  result = i32x4.replace_lane(result, 1, doubleword(field(order, 1)));
  result = i32x4.replace_lane(result, 2, doubleword(4 + field(order, 2)));
  return i32x4.replace_lane(result, 3, doubleword(4 + field(order, 3)));
}
export function shufpd(a: v128, b: v128, order: u32): v128 {
  const low = (order & 1) != 0 ? i64x2.extract_lane(a, 1) : i64x2.extract_lane(a, 0);
  const high = (order & 2) != 0 ? i64x2.extract_lane(b, 1) : i64x2.extract_lane(b, 0);
  return i64x2.replace_lane(i64x2.splat(low), 1, high);
}
/** Sixteen bytes at an offset in 48 that are a, b and zeros. */
export function palignr(a: v128, b: v128, count: u32): v128 {
  v128.store(SCRATCH, b);
  v128.store(SCRATCH + SECOND, a);
  v128.store(SCRATCH + RESULT, i64x2.splat(0));
  const bytes = count & 0xff;
  return bytes > 31 ? i64x2.splat(0) : v128.load(SCRATCH + <usize>bytes);
}
export function psrldq(a: v128, count: u32): v128 {
  const bytes = count & 0xff;
  return bytes > 15 ? i64x2.splat(0) : palignr(i64x2.splat(0), a, bytes);
}
export function pslldq(a: v128, count: u32): v128 {
  const bytes = count & 0xff;
  return bytes > 15 ? i64x2.splat(0) : palignr(a, i64x2.splat(0), 16 - bytes);
}
export function pextrw(a: v128, lane: u32): u32 {
  v128.store(SCRATCH, a);
  return load<u16>(SCRATCH + 2 * <usize>lane);
}
export function pinsrw(a: v128, value: u32, lane: u32): v128 {
  v128.store(SCRATCH, a);
  store<u16>(SCRATCH + 2 * <usize>lane, <u16>value);
  return v128.load(SCRATCH);
}
