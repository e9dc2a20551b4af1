// Comparing strings by their bytes, for compiled expressions.
//
// A string is a packed ref: address in the low half of an i64, length in bytes above. Eight bytes are compared at a
// time; the last step overlaps bytes already seen (or, for short strings, reads past the end, which READ_SLACK allows).

/** The address of a packed ref. */
@inline
export function refAddress(ref: i64): usize {
  return <usize>(<u32>ref);
}

/** The length of a packed ref in bytes. */
@inline
export function refLength(ref: i64): u32 {
  return <u32>(<u64>ref >> 32);
}

@inline
export function refOf(address: usize, length: u32): i64 {
  return ((<i64>length) << 32) | <i64>(<u64>address);
}

/** Whether two strings of equal length have equal bytes. */
export function textEqualBytes(a: i64, b: i64): bool {
  return textBytesEqual(refAddress(a), refAddress(b), refLength(a));
}

/** Whether two ranges have equal bytes. */
export function textBytesEqual(a: usize, b: usize, length: u32): bool {
  if (length < 8) {
    if (length == 0) return true;
    return (load<u64>(a) ^ load<u64>(b)) << ((8 - length) << 3) == 0;
  }
  const last = length - 8;
  for (let i: u32 = 0; i < last; i += 8) {
    if (load<u64>(a + i) != load<u64>(b + i)) return false;
  }
  return load<u64>(a + last) == load<u64>(b + last);
}

/** Negative, zero or positive as `a` comes before, with or after `b` in the order of their bytes. */
export function textCompare(a: i64, b: i64): i32 {
  const lengthA = refLength(a);
  const lengthB = refLength(b);
  const addressA = refAddress(a);
  const addressB = refAddress(b);
  const common = min(lengthA, lengthB);
  for (let i: u32 = 0; i < common; i += 8) {
    let x = load<u64>(addressA + i);
    let y = load<u64>(addressB + i);
    if (x == y) continue;
    x = bswap(x);
    y = bswap(y);
    if (common - i < 8) {
      const unused: u64 = (8 - (common - i)) << 3;
      x >>= unused;
      y >>= unused;
      if (x == y) break;
    }
    return x < y ? -1 : 1;
  }
  return lengthA < lengthB ? -1 : i32(lengthA > lengthB);
}
