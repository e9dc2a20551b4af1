// Packed keys: the key columns of a row as bytes that can be hashed and compared without knowing their types.
//
//   packed key ─► one field per column at KEY_OFFSET │ one null byte per nullable column │ zero up to 16 bytes
//
// Equal keys have equal bytes: NULL packs as zero with its null byte set, −0 as 0, every NaN as one NaN. A string
// packs as its length and first 12 bytes (KEY_INLINE_BYTES), zero-padded; the rest of a longer one is compared
// through its address, which a group's entry holds at KEY_ADDRESS_OFFSET.
import { STATE_HAS_LONG, STATE_HASHES, STATE_PACKED } from './aggregate-state';
import { hashBytes, hashKey } from './hash';
import {
  AGGREGATE_KEY_BYTES,
  AGGREGATE_KEY_COUNT,
  AGGREGATE_KEYS,
  KEY_ADDRESS_OFFSET,
  KEY_BYTES,
  KEY_INLINE_BYTES,
  KEY_NULL_OFFSET,
  KEY_OFFSET,
  KEY_PHYSICAL,
} from './layout-aggregate';
import {
  BATCH_COLUMNS,
  COLUMN_BYTES,
  COLUMN_DATA,
  COLUMN_VALIDITY,
  PHYSICAL_F64,
  PHYSICAL_I32,
  PHYSICAL_I64,
  PHYSICAL_REF,
  PHYSICAL_U8,
} from './layout';

const INLINE: u32 = KEY_INLINE_BYTES;
const NAN_BITS: u64 = 0x7ff8000000000000;

/** Address of a column's data. */
@inline
export function batchData(batch: usize, column: i32): usize {
  return load<u32>(batch + BATCH_COLUMNS + column * COLUMN_BYTES, COLUMN_DATA);
}

/** Address of a column's validity bytes, 0 when it cannot hold NULL. */
@inline
export function batchValidity(batch: usize, column: i32): usize {
  return load<u32>(batch + BATCH_COLUMNS + column * COLUMN_BYTES, COLUMN_VALIDITY);
}

/** Address of a column's validity byte of a row, 0 when it cannot hold NULL. */
@inline
export function validityFrom(batch: usize, column: i32, first: u32): usize {
  const validity = batchValidity(batch, column);
  return validity ? validity + first : 0;
}

/** Bytes of a value of a representation. */
@inline
export function widthOf(physical: u32): u32 {
  return physical == PHYSICAL_U8 ? 1 : physical == PHYSICAL_I32 ? 4 : 8;
}

/**
 * Packs the keys of `rows` rows of a batch, from row `first` on, into STATE_PACKED; sets STATE_HAS_LONG when there is a
 * string longer than KEY_INLINE_BYTES.
 */
export function keyPack(state: usize, batch: usize, first: u32, rows: u32): void {
  const stride = load<u32>(state, AGGREGATE_KEY_BYTES);
  const packed = <usize>load<u32>(state, STATE_PACKED);
  const keys = <usize>load<u32>(state, AGGREGATE_KEYS);
  const keyCount = load<u32>(state, AGGREGATE_KEY_COUNT);
  let longest: u32 = 0;
  for (let k: u32 = 0; k < keyCount; k++) {
    const key = keys + k * KEY_BYTES;
    const physical = load<u32>(key, KEY_PHYSICAL);
    const data = batchData(batch, k) + first * widthOf(physical);
    const nullOffset = load<i32>(key, KEY_NULL_OFFSET);
    const validity = nullOffset < 0 ? <usize>0 : validityFrom(batch, k, first);
    const to = packed + load<u32>(key, KEY_OFFSET);
    switch (physical) {
      case PHYSICAL_U8:
        packFixed<u8>(data, validity, rows, to, stride);
        break;
      case PHYSICAL_I32:
        packFixed<u32>(data, validity, rows, to, stride);
        break;
      case PHYSICAL_I64:
        packFixed<u64>(data, validity, rows, to, stride);
        break;
      case PHYSICAL_F64:
        packDouble(data, validity, rows, to, stride);
        break;
      default:
        longest = max(longest, packText(data, validity, rows, to, stride));
    }
    if (nullOffset >= 0) packNulls(validity, rows, packed + nullOffset, stride);
  }
  store<u32>(state, longest > INLINE ? 1 : 0, STATE_HAS_LONG);
}

@inline
function packFixed<T>(data: usize, validity: usize, rows: u32, to: usize, stride: u32): void {
  for (let row: usize = 0; row < rows; row++) {
    const value = load<T>(data + row * sizeof<T>());
    store<T>(to + row * stride, validity != 0 && load<u8>(validity + row) == 0 ? <T>0 : value);
  }
}

function packDouble(data: usize, validity: usize, rows: u32, to: usize, stride: u32): void {
  for (let row: usize = 0; row < rows; row++) {
    const value = load<f64>(data + (row << 3));
    // Adding 0 turns −0 into 0.
    let bits = value == value ? reinterpret<u64>(value + 0.0) : NAN_BITS;
    if (validity != 0 && load<u8>(validity + row) == 0) bits = 0;
    store<u64>(to + row * stride, bits);
  }
}

/** Sixteen set bytes, then sixteen clear: loaded `n` bytes before the border, a mask of the first `n` bytes. */
const MASK_BORDER: usize = memory.data<u64>([0xffffffffffffffff, 0xffffffffffffffff, 0, 0], 16) + 16;

function packText(data: usize, validity: usize, rows: u32, to: usize, stride: u32): u32 {
  let longest: u32 = 0;
  for (let row: usize = 0; row < rows; row++) {
    let packed = i32x4.splat(0);
    // The reference of a NULL is unspecified: it must not be followed.
    if (validity == 0 || load<u8>(validity + row) != 0) {
      const address = <usize>load<u32>(data + (row << 3));
      const bytes = load<u32>(data + (row << 3), 4);
      longest = max(longest, bytes);
      const mask = v128.load(MASK_BORDER - min<u32>(bytes, INLINE));
      const text = v128.and(v128.load(address), mask);
      packed = v128.shuffle<u8>(text, i32x4.splat(bytes), 16, 17, 18, 19, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    }
    v128.store(to + row * stride, packed);
  }
  return longest;
}

function packNulls(validity: usize, rows: u32, to: usize, stride: u32): void {
  for (let row: usize = 0; row < rows; row++) {
    store<u8>(to + row * stride, validity != 0 && load<u8>(validity + row) == 0 ? 1 : 0);
  }
}

/** Hashes the packed keys into STATE_HASHES, long strings in full. */
export function keyHash(state: usize, batch: usize, first: u32, rows: u32): void {
  const stride = load<u32>(state, AGGREGATE_KEY_BYTES);
  const packed = <usize>load<u32>(state, STATE_PACKED);
  const hashes = <usize>load<u32>(state, STATE_HASHES);
  if (stride == 16) {
    for (let row: usize = 0; row < rows; row++) store<u32>(hashes + (row << 2), hashKey(packed + (row << 4), 16));
  } else {
    for (let row: usize = 0; row < rows; row++) {
      store<u32>(hashes + (row << 2), hashKey(packed + row * stride, stride));
    }
  }
  if (load<u32>(state, STATE_HAS_LONG)) hashLong(state, batch, first, rows);
}

/** The same hash of the key of an entry. */
export function keyHashOf(state: usize, entry: usize): u32 {
  const keyCount = load<u32>(state, AGGREGATE_KEY_COUNT);
  if (!keyCount) return 0;
  let hash = hashKey(entry, load<u32>(state, AGGREGATE_KEY_BYTES));
  for (let k: u32 = 0; k < keyCount; k++) {
    const key = <usize>load<u32>(state, AGGREGATE_KEYS) + k * KEY_BYTES;
    if (load<u32>(key, KEY_PHYSICAL) != PHYSICAL_REF) continue;
    const bytes = load<u32>(entry + load<u32>(key, KEY_OFFSET));
    if (bytes <= INLINE) continue;
    const rest = <usize>load<u32>(entry + load<u32>(key, KEY_ADDRESS_OFFSET)) + KEY_INLINE_BYTES;
    hash = hashBytes(hash, rest, bytes - KEY_INLINE_BYTES);
  }
  return hash;
}

function hashLong(state: usize, batch: usize, first: u32, rows: u32): void {
  const stride = load<u32>(state, AGGREGATE_KEY_BYTES);
  const hashes = <usize>load<u32>(state, STATE_HASHES);
  const keyCount = load<u32>(state, AGGREGATE_KEY_COUNT);
  for (let k: u32 = 0; k < keyCount; k++) {
    const key = <usize>load<u32>(state, AGGREGATE_KEYS) + k * KEY_BYTES;
    if (load<u32>(key, KEY_PHYSICAL) != PHYSICAL_REF) continue;
    const lengths = <usize>load<u32>(state, STATE_PACKED) + load<u32>(key, KEY_OFFSET);
    const data = batchData(batch, k) + (first << 3);
    for (let row: usize = 0; row < rows; row++) {
      const bytes = load<u32>(lengths + row * stride);
      if (bytes <= INLINE) continue;
      const rest = <usize>load<u32>(data + (row << 3)) + KEY_INLINE_BYTES;
      const hash = hashes + (row << 2);
      store<u32>(hash, hashBytes(load<u32>(hash), rest, bytes - KEY_INLINE_BYTES));
    }
  }
}
