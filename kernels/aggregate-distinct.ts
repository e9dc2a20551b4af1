// DISTINCT: which rows of a block bring a value that their group has not met. The set is in the group's entry.
import { STATE_ENTRIES, STATE_MASK, STATE_TABLES } from './aggregate-state';
import { tableArena } from './group-table';
import { CALL_PHYSICAL, CALL_SET_OFFSET } from './layout-aggregate';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_I64, PHYSICAL_REF } from './layout';
import { identityBits } from './value-bits';
import { setAdd, setAddText } from './value-set';

/** Adds `rows` values to the sets of their groups. @returns validity bytes that leave out NULL and repeated values. */
export function distinctMark(state: usize, rows: u32, call: usize, data: usize, validity: usize): usize {
  const mask = <usize>load<u32>(state, STATE_MASK);
  const offset = load<u32>(call, CALL_SET_OFFSET);
  switch (load<u32>(call, CALL_PHYSICAL)) {
    case PHYSICAL_REF:
      markTexts(state, rows, offset, data, validity, mask);
      break;
    case PHYSICAL_F64:
      mark<f64>(state, rows, offset, data, validity, mask);
      break;
    case PHYSICAL_I64:
      mark<i64>(state, rows, offset, data, validity, mask);
      break;
    case PHYSICAL_I32:
      mark<i32>(state, rows, offset, data, validity, mask);
      break;
    default:
      mark<u8>(state, rows, offset, data, validity, mask);
  }
  return mask;
}

// A pair in a set is a text of two doubles: y, then x.
export const PAIR_Y: usize = 0;
export const PAIR_X: usize = 8;
const PAIR_BYTES: u32 = 16;
const pair: usize = memory.data(16, 16);

/** As `distinctMark` for pairs of DOUBLE: `byData` and `byValidity` (0: no NULL) are of the second. */
export function distinctMarkPairs(
  state: usize,
  rows: u32,
  call: usize,
  data: usize,
  validity: usize,
  byData: usize,
  byValidity: usize,
): usize {
  const mask = <usize>load<u32>(state, STATE_MASK);
  const offset = load<u32>(call, CALL_SET_OFFSET);
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const tables = <usize>load<u32>(state, STATE_TABLES);
  for (let row: usize = 0; row < rows; row++) {
    let isNew = false;
    if (load<u8>(validity + row) != 0 && (byValidity == 0 || load<u8>(byValidity + row) != 0)) {
      store<u64>(pair, identityBits<f64>(data + (row << 3)), PAIR_Y);
      store<u64>(pair, identityBits<f64>(byData + (row << 3)), PAIR_X);
      const set = <usize>load<u32>(entries + (row << 2)) + offset;
      isNew = setAddText(tableArena(load<u32>(tables + (row << 2))), set, pair, PAIR_BYTES) != 0;
    }
    store<u8>(mask + row, u8(isNew));
  }
  return mask;
}

@inline
function mark<T>(state: usize, rows: u32, offset: u32, data: usize, validity: usize, mask: usize): void {
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const tables = <usize>load<u32>(state, STATE_TABLES);
  for (let row: usize = 0; row < rows; row++) {
    let isNew = false;
    if (load<u8>(validity + row)) {
      const set = <usize>load<u32>(entries + (row << 2)) + offset;
      isNew = setAdd(tableArena(load<u32>(tables + (row << 2))), set, identityBits<T>(data + row * sizeof<T>()));
    }
    store<u8>(mask + row, u8(isNew));
  }
}

function markTexts(state: usize, rows: u32, offset: u32, data: usize, validity: usize, mask: usize): void {
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const tables = <usize>load<u32>(state, STATE_TABLES);
  for (let row: usize = 0; row < rows; row++) {
    let isNew = false;
    if (load<u8>(validity + row)) {
      const set = <usize>load<u32>(entries + (row << 2)) + offset;
      const arena = tableArena(load<u32>(tables + (row << 2)));
      const reference = data + (row << 3);
      isNew = setAddText(arena, set, load<u32>(reference), load<u32>(reference, 4)) != 0;
    }
    store<u8>(mask + row, u8(isNew));
  }
}
