// Whether kept rows are equal: when their values are and ROW_PARTITION is. −0 equals 0, any NaN any other.
import { bytesEqual, hashBytes, hashMix } from './hash';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_I64, PHYSICAL_REF } from './layout';
import {
  FIELD_BYTES,
  FIELD_NULL_OFFSET,
  FIELD_OFFSET,
  FIELD_PHYSICAL,
  ROW_PARTITION,
  ROWS_FIELD_COUNT,
  ROWS_FIELDS,
} from './layout-rows';
import { identityBits } from './value-bits';

const SEED: u64 = 0x9e3779b97f4a7c15;

/** The hash of a kept row: equal rows have the same, and none has 0. */
export function rowHash(rows: usize, row: usize): u32 {
  const fields = <usize>load<u32>(rows, ROWS_FIELDS);
  const count = load<u32>(rows, ROWS_FIELD_COUNT);
  let hash = SEED;
  for (let i: u32 = 0; i < count; i++) {
    const field = fields + i * FIELD_BYTES;
    const bits = isNull(field, row) ? <u64>-1 : valueBits(field, row);
    hash = hashMix(hash, bits, load<u32>(row, ROW_PARTITION));
  }
  hash *= SEED;
  return max<u32>(<u32>(hash ^ (hash >> 32)), 1);
}

@inline
function isNull(field: usize, row: usize): bool {
  const nullOffset = load<i32>(field, FIELD_NULL_OFFSET);
  return nullOffset >= 0 && load<u8>(row + nullOffset) == 0;
}

/** Equal for equal values; of strings a hash. */
function valueBits(field: usize, row: usize): u64 {
  const at = row + <usize>load<u32>(field, FIELD_OFFSET);
  switch (load<u32>(field, FIELD_PHYSICAL)) {
    case PHYSICAL_REF:
      return hashBytes(0, load<u32>(at), load<u32>(at, 4));
    case PHYSICAL_F64:
      return identityBits<f64>(at);
    case PHYSICAL_I64:
      return load<u64>(at);
    case PHYSICAL_I32:
      return load<u32>(at);
    default:
      return load<u8>(at);
  }
}

/** Whether two kept rows have the same values and partition. */
export function rowsEqual(rows: usize, a: usize, b: usize): bool {
  if (load<u32>(a, ROW_PARTITION) != load<u32>(b, ROW_PARTITION)) return false;
  const fields = <usize>load<u32>(rows, ROWS_FIELDS);
  const count = load<u32>(rows, ROWS_FIELD_COUNT);
  for (let i: u32 = 0; i < count; i++) {
    const field = fields + i * FIELD_BYTES;
    const isNothing = isNull(field, a);
    if (isNothing != isNull(field, b)) return false;
    if (isNothing) continue;
    if (load<u32>(field, FIELD_PHYSICAL) != PHYSICAL_REF) {
      if (valueBits(field, a) != valueBits(field, b)) return false;
      continue;
    }
    const offset = <usize>load<u32>(field, FIELD_OFFSET);
    const bytes = load<u32>(a + offset, 4);
    if (bytes != load<u32>(b + offset, 4)) return false;
    if (!bytesEqual(load<u32>(a + offset), load<u32>(b + offset), bytes)) return false;
  }
  return true;
}
