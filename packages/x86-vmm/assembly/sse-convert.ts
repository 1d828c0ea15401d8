/* CVT* of singles, doubles and signed doublewords (SDM Vol. 1 section 11.4.1.6, Vol. 2). */
import {
  DE, DENORMAL, IE, INFINITY_, Left, PE, QNAN, RC, RC_CHOP, SNAN, Sse, ZERO, begin, end, infinity, quietBit, round, roundsUp, signed,
  unpackLeft,
} from './sse-state';

/** The integer indefinite. */
const INDEFINITE: u32 = 0x8000_0000;

function narrowed(bits: u64): u32 {
  unpackLeft(bits, 53);
  if (Left.kind >= QNAN) {
    if (Left.kind == SNAN) Sse.before |= IE;
    return <u32>(infinity(Left.s, 24) | quietBit(24) | ((bits >> 29) & 0x7f_ffff));
  }
  if (Left.kind == INFINITY_) return <u32>infinity(Left.s, 24);
  if (Left.kind == ZERO) return <u32>signed(Left.s, 24);
  if (Left.kind == DENORMAL) Sse.before |= DE;
  return <u32>round(Left.s, Left.e, Left.m, 0, 24);
}
function widened(bits: u32): u64 {
  unpackLeft(bits, 24);
  if (Left.kind >= QNAN) {
    if (Left.kind == SNAN) Sse.before |= IE;
    return infinity(Left.s, 53) | quietBit(53) | (<u64>(bits & 0x7f_ffff) << 29);
  }
  if (Left.kind == INFINITY_) return infinity(Left.s, 53);
  if (Left.kind == ZERO) return signed(Left.s, 53);
  if (Left.kind == DENORMAL) Sse.before |= DE;
  return round(Left.s, Left.e, Left.m, 0, 53);
}
function toInteger(bits: u64, isTruncating: bool, P: i32): u32 {
  unpackLeft(bits, P);
  if (Left.kind == ZERO) return 0;
  let value: u64 = 0;
  if (Left.kind < INFINITY_ && Left.e < 32) {
    let fraction: u64;
    if (Left.e >= 0) {
      value = Left.m >> (63 - Left.e);
      fraction = Left.m << (Left.e + 1);
    } else fraction = Left.e == -1 ? Left.m : 1;
    if (roundsUp(isTruncating ? RC_CHOP : Sse.control & RC, Left.s, (value & 1) != 0, fraction)) value++;
    if (value <= <u64>0x7fff_ffff + Left.s) {
      if (fraction != 0) Sse.after |= PE;
      return <u32>(Left.s != 0 ? 0 - value : value);
    }
  }
  Sse.before |= IE;
  return INDEFINITE;
}
function toSingle(value: i32): u32 {
  if (value == 0) return 0;
  const magnitude: u64 = value < 0 ? 0 - <u64><i64>value : <u64>value;
  const shift = <i32>clz(magnitude);
  return <u32>round(<u32>(value < 0), 63 - shift, magnitude << shift, 0, 24);
}

export function sseSingleOfDouble(a: f64): f32 {
  begin();
  const result = narrowed(reinterpret<u64>(a));
  end();
  return reinterpret<f32>(result);
}
export function sseDoubleOfSingle(a: f32): f64 {
  begin();
  const result = widened(reinterpret<u32>(a));
  end();
  return reinterpret<f64>(result);
}
export function sseIntegerOfSingle(a: f32, isTruncating: u32): u32 {
  begin();
  const result = toInteger(reinterpret<u32>(a), isTruncating != 0, 24);
  end();
  return result;
}
export function sseIntegerOfDouble(a: f64, isTruncating: u32): u32 {
  begin();
  const result = toInteger(reinterpret<u64>(a), isTruncating != 0, 53);
  end();
  return result;
}
export function sseSingleOfInteger(value: i32): f32 {
  begin();
  const result = toSingle(value);
  end();
  return reinterpret<f32>(result);
}
/** Low two lanes from two doubles; the upper are zero. */
export function sseSinglesOfDoubles(a: v128): v128 {
  begin();
  let result = i64x2.splat(0);
  result = i32x4.replace_lane(result, 0, narrowed(i64x2.extract_lane(a, 0)));
  result = i32x4.replace_lane(result, 1, narrowed(i64x2.extract_lane(a, 1)));
  end();
  return result;
}
export function sseDoublesOfSingles(a: v128): v128 {
  begin();
  let result = i64x2.splat(widened(i32x4.extract_lane(a, 0)));
  result = i64x2.replace_lane(result, 1, widened(i32x4.extract_lane(a, 1)));
  end();
  return result;
}
/** All four lanes, or (`count` 2) the lower two. */
export function sseIntegersOfSingles(a: v128, isTruncating: u32, count: u32): v128 {
  const chop = isTruncating != 0;
  begin();
  let result = i64x2.splat(0);
  result = i32x4.replace_lane(result, 0, toInteger(<u32>i32x4.extract_lane(a, 0), chop, 24));
  result = i32x4.replace_lane(result, 1, toInteger(<u32>i32x4.extract_lane(a, 1), chop, 24));
  if (count == 4) {
    result = i32x4.replace_lane(result, 2, toInteger(<u32>i32x4.extract_lane(a, 2), chop, 24));
    result = i32x4.replace_lane(result, 3, toInteger(<u32>i32x4.extract_lane(a, 3), chop, 24));
  }
  end();
  return result;
}
export function sseIntegersOfDoubles(a: v128, isTruncating: u32): v128 {
  const chop = isTruncating != 0;
  begin();
  let result = i64x2.splat(0);
  result = i32x4.replace_lane(result, 0, toInteger(i64x2.extract_lane(a, 0), chop, 53));
  result = i32x4.replace_lane(result, 1, toInteger(i64x2.extract_lane(a, 1), chop, 53));
  end();
  return result;
}
export function sseSinglesOfIntegers(a: v128, count: u32): v128 {
  begin();
  let result = i64x2.splat(0);
  result = i32x4.replace_lane(result, 0, toSingle(i32x4.extract_lane(a, 0)));
  result = i32x4.replace_lane(result, 1, toSingle(i32x4.extract_lane(a, 1)));
  if (count == 4) {
    result = i32x4.replace_lane(result, 2, toSingle(i32x4.extract_lane(a, 2)));
    result = i32x4.replace_lane(result, 3, toSingle(i32x4.extract_lane(a, 3)));
  }
  end();
  return result;
}
