// A value of any type as 64 bits: equal values have equal bits, or the order of the bits is that of the values.
//
// Identity bits: integers by value, every NaN one NaN, −0 as 0. Sort keys: compared without sign; NaN is greatest.
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_I64, PHYSICAL_U8 } from './layout';

const NAN_BITS: u64 = 0x7ff8000000000000;
const SIGN: u64 = 0x8000000000000000;

/** The bits of the value at an address by which it equals another of its type. */
@inline
export function identityBits<T>(address: usize): u64 {
  if (isFloat<T>()) {
    const value = load<f64>(address);
    // Adding 0 turns −0 into 0.
    return value == value ? reinterpret<u64>(value + 0.0) : NAN_BITS;
  }
  return <u64>(<i64>load<T>(address));
}

/** The sort key of the value at an address. */
@inline
export function sortBits<T>(address: usize): u64 {
  if (isFloat<T>()) return doubleSortBits(load<f64>(address));
  return <u64>(<i64>load<T>(address)) ^ SIGN;
}

/** The sort key of the value at an address, of a representation that is no reference. */
export function sortBitsOf(physical: u32, address: usize): u64 {
  if (physical == PHYSICAL_F64) return sortBits<f64>(address);
  if (physical == PHYSICAL_I64) return sortBits<i64>(address);
  if (physical == PHYSICAL_I32) return sortBits<i32>(address);
  return sortBits<u8>(address);
}

@inline
export function doubleSortBits(value: f64): u64 {
  const bits = value == value ? reinterpret<u64>(value + 0.0) : NAN_BITS;
  return <i64>bits < 0 ? ~bits : bits | SIGN;
}

/** The double of a sort key. */
@inline
export function doubleOfSortBits(key: u64): f64 {
  return reinterpret<f64>(key & SIGN ? key ^ SIGN : ~key);
}

/** Writes the value of a sort key. */
export function storeSortBits(physical: u32, key: u64, to: usize): void {
  if (physical == PHYSICAL_F64) store<f64>(to, doubleOfSortBits(key));
  else if (physical == PHYSICAL_I64) store<u64>(to, key ^ SIGN);
  else if (physical == PHYSICAL_I32) store<u32>(to, <u32>(key ^ SIGN));
  else store<u8>(to, <u8>(key ^ SIGN));
}

/** Writes the value of identity bits. */
export function storeIdentityBits(physical: u32, bits: u64, to: usize): void {
  if (physical == PHYSICAL_F64 || physical == PHYSICAL_I64) store<u64>(to, bits);
  else if (physical == PHYSICAL_I32) store<u32>(to, <u32>bits);
  else store<u8>(to, <u8>bits);
}

/** Whether a representation is narrower than 8 bytes, and how many bytes it has. */
@inline
export function bytesOfPhysical(physical: u32): u32 {
  return physical == PHYSICAL_U8 ? 1 : physical == PHYSICAL_I32 ? 4 : 8;
}
