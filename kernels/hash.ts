// Hashes and comparisons of byte ranges and of packed keys.
//
// The hash multiplies and folds 8 bytes at a time (the shape of wyhash, with 64-bit multiplications, which is all
// WebAssembly has). It is not keyed: it never leaves the process. Readers of ranges may read up to READ_SLACK bytes
// past the end.

const SEED: u64 = 0x9e3779b97f4a7c15;
const M1: u64 = 0xff51afd7ed558ccd;
const M2: u64 = 0xbf58476d1ce4e5b9;

/** Folds 16 bytes into a hash. */
@inline
export function hashMix(hash: u64, low: u64, high: u64): u64 {
  let h = (hash ^ low) * M1;
  h ^= h >> 32;
  h = (h ^ high) * M2;
  return h ^ (h >> 29);
}

/** 32-bit hash of a packed key of `bytes` bytes, a multiple of 16. */
@inline
export function hashKey(key: usize, bytes: u32): u32 {
  let hash = hashMix(SEED, load<u64>(key), load<u64>(key, 8));
  for (let at: u32 = 16; at < bytes; at += 16) hash = hashMix(hash, load<u64>(key + at), load<u64>(key + at, 8));
  hash *= SEED;
  return <u32>(hash ^ (hash >> 32));
}

/** 32-bit hash of a byte range, continuing from `seed`. */
export function hashBytes(seed: u32, address: usize, bytes: u32): u32 {
  let hash = SEED ^ seed;
  let left = bytes;
  let at = address;
  while (left > 16) {
    hash = hashMix(hash, load<u64>(at), load<u64>(at, 8));
    at += 16;
    left -= 16;
  }
  const low = left >= 8 ? load<u64>(at) : firstBytes(at, left);
  const high = left > 8 ? firstBytes(at + 8, left - 8) : 0;
  hash = hashMix(hash, low, high ^ ((<u64>bytes) << 32)) * SEED;
  return <u32>(hash ^ (hash >> 32));
}

/** The first `count` (0 to 8) bytes at an address, the rest zero. */
@inline
export function firstBytes(address: usize, count: u32): u64 {
  if (count == 0) return 0;
  return load<u64>(address) & (<u64>-1 >> (64 - (count << 3)));
}

/** Whether two ranges of `bytes` bytes are equal. */
export function bytesEqual(a: usize, b: usize, bytes: u32): bool {
  if (a == b) return true;
  let at: u32 = 0;
  for (; at + 16 <= bytes; at += 16) {
    if (v128.any_true(v128.xor(v128.load(a + at), v128.load(b + at)))) return false;
  }
  for (; at + 8 <= bytes; at += 8) if (load<u64>(a + at) != load<u64>(b + at)) return false;
  return firstBytes(a + at, bytes - at) == firstBytes(b + at, bytes - at);
}

/** Order of two byte ranges: negative, 0 or positive; a prefix comes first. */
export function bytesCompare(a: usize, aBytes: u32, b: usize, bBytes: u32): i32 {
  const shared = min(aBytes, bBytes);
  for (let at: u32 = 0; at < shared; at += 8) {
    const count = min<u32>(8, shared - at);
    const x = firstBytes(a + at, count);
    const y = firstBytes(b + at, count);
    if (x != y) return bswap(x) < bswap(y) ? -1 : 1;
  }
  return aBytes == bBytes ? 0 : aBytes < bBytes ? -1 : 1;
}
