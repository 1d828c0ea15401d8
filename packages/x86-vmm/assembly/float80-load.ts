/* Memory operands into `Right`: single, double and integers are exact in the extended format. */
import { BIAS, INTEGER_BIT, Right } from './float80-state';

export function loadF32(bits: u32): void {
  const e = <i32>((bits >> 23) & 0xff);
  const fraction = <u64>(bits & 0x7f_ffff) << 40;
  Right.s = bits >> 31;
  place(e, 0xff, BIAS - 0x7f, fraction);
}
export function loadF64(bits: u64): void {
  const e = <i32>(bits >> 52) & 0x7ff;
  Right.s = <u32>(bits >> 63);
  place(e, 0x7ff, BIAS - 0x3ff, (bits << 12) >> 1);
}
/** `fraction` is aligned under the integer bit. */
// @ts-ignore: AssemblyScript decorates functions, TypeScript does not
@inline function place(e: i32, top: i32, rebias: i32, fraction: u64): void {
  Right.wasDenormal = false;
  if (e == 0) {
    if (fraction == 0) {
      Right.e = 0;
      Right.m = 0;
      return;
    }
    const shift = <i32>clz(fraction);
    Right.e = 1 + rebias - shift;
    Right.m = fraction << shift;
    Right.wasDenormal = true;
    return;
  }
  Right.e = e == top ? 0x7fff : e + rebias;
  Right.m = INTEGER_BIT | fraction;
}
export function loadInteger(value: i32): void {
  loadInteger64(value);
}
export function loadInteger64(value: i64): void {
  Right.wasDenormal = false;
  Right.s = <u32>(value < 0);
  const magnitude: u64 = value < 0 ? 0 - <u64>value : <u64>value;
  if (magnitude == 0) {
    Right.e = 0;
    Right.m = 0;
    return;
  }
  const shift = <i32>clz(magnitude);
  Right.e = BIAS + 63 - shift;
  Right.m = magnitude << shift;
}
