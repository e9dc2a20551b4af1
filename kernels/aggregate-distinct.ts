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
