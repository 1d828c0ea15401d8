/* Exact values of the transcendental functions by BigInt fixed point, for measuring errors in units of the last place of the 80-bit format. */

/** (-1)^sign x significand x 2^(exponent - BITS) with significand in [2^BITS, 2^(BITS+1)). */
export interface Reference {
  readonly sign: 0 | 1;
  readonly exponent: number;
  readonly significand: bigint;
}
const BITS = 320;
const ONE = 1n << BigInt(BITS);

const bitLength = (value: bigint): number => value.toString(2).length;
/** A value given as integer x 2^(scale - BITS). */
function reference(value: bigint, scale: number): Reference {
  const sign = value < 0n ? 1 : 0;
  const magnitude = value < 0n ? -value : value;
  if (magnitude === 0n) return { sign, exponent: -100_000, significand: 0n };
  const shift = bitLength(magnitude) - 1 - BITS;
  return { sign, exponent: scale + shift, significand: shift >= 0 ? magnitude >> BigInt(shift) : magnitude << BigInt(-shift) };
}
export function extended(signExponent: number, significand: bigint): Reference {
  const value = reference(significand, (signExponent & 0x7fff) - 16383 - 63 + BITS);
  return { ...value, sign: signExponent & 0x8000 ? 1 : 0 };
}
function multiply(a: Reference, b: Reference): Reference {
  const value = reference((a.significand * b.significand) >> BigInt(BITS), a.exponent + b.exponent);
  return { ...value, sign: (a.sign ^ b.sign) as 0 | 1 };
}
function divide(a: Reference, b: Reference): Reference {
  const value = reference((a.significand << BigInt(BITS)) / b.significand, a.exponent - b.exponent);
  return { ...value, sign: (a.sign ^ b.sign) as 0 | 1 };
}
/** Fixed point with `fraction` bits (signed). */
function toFixed(a: Reference, fraction: number): bigint {
  const shift = a.exponent - BITS + fraction;
  const magnitude = shift >= 0 ? a.significand << BigInt(shift) : a.significand >> BigInt(-shift);
  return a.sign ? -magnitude : magnitude;
}

/** sum of terms next(k, term) from `first` until nothing is left. */
function sum(first: bigint, next: (term: bigint, k: bigint) => bigint): bigint {
  let term = first;
  let total = 0n;
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    total += term;
    term = next(term, k);
  }
  return total;
}
/** 2 artanh(n/d) as fixed point with BITS bits. */
function twiceArtanh(n: bigint, d: bigint): bigint {
  const z = (n << BigInt(BITS)) / d;
  const z2 = (z * z) >> BigInt(BITS);
  let power = z;
  let total = 0n;
  for (let k = 1n; power !== 0n && power !== -1n; k += 2n) {
    total += power / k;
    power = (power * z2) >> BigInt(BITS);
  }
  return 2n * total;
}
const LN2 = twiceArtanh(1n, 3n);
function arctangentOfInverse(n: bigint): bigint {
  let power = ONE / n;
  let total = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    total += (k & 2n ? -power : power) / k;
    power /= n * n;
  }
  return total;
}
const PI = 16n * arctangentOfInverse(5n) - 4n * arctangentOfInverse(239n);

/** 2^x - 1 for |x| < 1: y + y^2/2! + ... relative to y, so that small arguments keep their bits. */
export function exponentialMinus1(x: Reference): Reference {
  const y = multiply(x, reference(LN2, 0));
  const fixed = toFixed(y, BITS);
  // (e^y - 1)/y = 1 + y/2! + y^2/3! ...
  const ratio = sum(ONE, (term, k) => ((term * fixed) / (k + 1n)) >> BigInt(BITS));
  return multiply(y, reference(ratio, 0));
}
/** y log2 x, or y log2(1 + x). */
export function logarithm2(x: Reference, y: Reference, plusOne: boolean): Reference {
  if (plusOne) {
    // 2 artanh(x/(2 + x)) relative to x.
    const fixed = toFixed(x, BITS);
    const t = divide(x, reference(2n * ONE + fixed, 0));
    return multiply(multiply(y, artanhRatio(t)), reference((2n * ONE * ONE) / LN2, 0));
  }
  let exponent = x.exponent;
  let m = x.significand;
  if (m > (ONE * 3n) / 2n) exponent++;
  // (m - 1)/(m + 1) with m halved where it is large.
  const one = exponent === x.exponent ? ONE : 2n * ONE;
  m -= one;
  if (m === 0n && exponent === 0) return reference(0n, 0);
  const log = (twiceArtanh(m, m + 2n * one) << BigInt(BITS)) / LN2 + BigInt(exponent) * ONE;
  return multiply(y, reference(log, 0));
}
/** artanh t for small t. */
function artanhRatio(t: Reference): Reference {
  const fixed = toFixed(t, BITS);
  const u = (fixed * fixed) >> BigInt(BITS);
  let power = ONE;
  let total = 0n;
  for (let k = 1n; power !== 0n; k += 2n) {
    total += power / k;
    power = (power * u) >> BigInt(BITS);
  }
  return multiply(t, reference(total, 0));
}

/** pi/2 of 66 bits, as the x87 reduces: exact. */
const HALF_PI_66 = 0x3243f6a8885a308d3n;
/** Rest in [-pi/4, pi/4] and quadrant; both for |x|. */
function reduce(x: Reference): { rest: Reference; quadrant: number } {
  const magnitude: Reference = { ...x, sign: 0 };
  if (x.exponent < -1) return { rest: magnitude, quadrant: 0 };
  // Units of 2^-65.
  const units = toFixed(magnitude, 65);
  let quadrant = units / HALF_PI_66;
  let rest = units - quadrant * HALF_PI_66;
  if (2n * rest > HALF_PI_66) {
    rest -= HALF_PI_66;
    quadrant++;
  }
  return { rest: reference(rest, BITS - 65), quadrant: Number(quadrant & 3n) };
}
function sineOfRest(r: Reference): Reference {
  const fixed = toFixed(r, BITS);
  const u = (fixed * fixed) >> BigInt(BITS);
  const ratio = sum(ONE, (term, k) => -((term * u) >> BigInt(BITS)) / (2n * k * (2n * k + 1n)));
  return multiply(r, reference(ratio, 0));
}
function cosineOfRest(r: Reference): Reference {
  const fixed = toFixed(r, BITS);
  const u = (fixed * fixed) >> BigInt(BITS);
  return reference(
    sum(ONE, (term, k) => -((term * u) >> BigInt(BITS)) / (2n * k * (2n * k - 1n))),
    0,
  );
}
const negated = (a: Reference, negate: boolean): Reference => (negate ? { ...a, sign: (a.sign ^ 1) as 0 | 1 } : a);
export function sine(x: Reference): Reference {
  const { rest, quadrant } = reduce(x);
  return negated(quadrant & 1 ? cosineOfRest(rest) : sineOfRest(rest), quadrant >= 2 !== (x.sign === 1));
}
export function cosine(x: Reference): Reference {
  const { rest, quadrant } = reduce(x);
  return negated(quadrant & 1 ? sineOfRest(rest) : cosineOfRest(rest), quadrant === 1 || quadrant === 2);
}
export function tangent(x: Reference): Reference {
  return divide(sine(x), cosine(x));
}
/** Angle of the point (x, y). */
export function arctangent(y: Reference, x: Reference): Reference {
  const steep = y.exponent > x.exponent || (y.exponent === x.exponent && y.significand > x.significand);
  const ratio = divide({ ...(steep ? x : y), sign: 0 }, { ...(steep ? y : x), sign: 0 });
  let angle = arctangentBelow1(ratio);
  if (steep) angle = reference((PI >> 1n) - toFixed(angle, BITS), 0);
  if (x.sign) angle = reference(PI - toFixed(angle, BITS), 0);
  return negated(angle, y.sign === 1);
}
/** Euler's series: sum of 2^2n n!^2/(2n+1)! z^(2n+1)/(1+z^2)^(n+1). */
function arctangentBelow1(z: Reference): Reference {
  const fixed = toFixed(z, BITS);
  const u = (fixed * fixed) >> BigInt(BITS);
  const q = (u << BigInt(BITS)) / (ONE + u);
  const ratio = sum((ONE << BigInt(BITS)) / (ONE + u), (term, k) => (((term * q) >> BigInt(BITS)) * 2n * k) / (2n * k + 1n));
  return multiply(z, reference(ratio, 0));
}

/** |a - exact| in units of the last of a's 64 significand bits. */
export function ulpsFrom(a: Reference, exact: Reference): number {
  if (exact.significand === 0n || a.significand === 0n) return a.significand === exact.significand ? 0 : Number.POSITIVE_INFINITY;
  const shift = exact.exponent - a.exponent;
  if (shift > 2 || shift < -2 || a.sign !== exact.sign) return Number.POSITIVE_INFINITY;
  const aligned = shift >= 0 ? exact.significand << BigInt(shift) : exact.significand >> BigInt(-shift);
  const difference = a.significand > aligned ? a.significand - aligned : aligned - a.significand;
  return Number(difference >> BigInt(BITS - 63 - 40)) / 2 ** 40;
}
