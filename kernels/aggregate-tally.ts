// MODE: how often each value of a group came. Texts are copied once each.
import { STATE_ENTRIES, STATE_SEQUENCE, STATE_TABLES } from './aggregate-state';
import { tableArena } from './group-table';
import { CALL_OFFSET, CALL_PHYSICAL } from './layout-aggregate';
import { PHYSICAL_F64, PHYSICAL_I32, PHYSICAL_I64, PHYSICAL_REF } from './layout';
import { identityBits } from './value-bits';
import { tallyAdd, tallyAddText } from './value-tally';

/** Counts values in the tallies of their groups; `validity` may be 0. */
export function updateTally(state: usize, rows: u32, call: usize, data: usize, validity: usize): void {
  switch (load<u32>(call, CALL_PHYSICAL)) {
    case PHYSICAL_REF:
      countTexts(state, rows, call, data, validity);
      break;
    case PHYSICAL_F64:
      countValues<f64>(state, rows, call, data, validity);
      break;
    case PHYSICAL_I64:
      countValues<i64>(state, rows, call, data, validity);
      break;
    case PHYSICAL_I32:
      countValues<i32>(state, rows, call, data, validity);
      break;
    default:
      countValues<u8>(state, rows, call, data, validity);
  }
}

@inline
function countValues<T>(state: usize, rows: u32, call: usize, data: usize, validity: usize): void {
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const offset = load<u32>(call, CALL_OFFSET);
  const arrival = load<i64>(state, STATE_SEQUENCE);
  for (let row: usize = 0; row < rows; row++) {
    if (validity != 0 && load<u8>(validity + row) == 0) continue;
    const tally = <usize>load<u32>(entries + (row << 2)) + offset;
    const bits = identityBits<T>(data + row * sizeof<T>());
    tallyAdd(tableArena(load<u32>(tables + (row << 2))), tally, bits, 1, arrival + row);
  }
}

function countTexts(state: usize, rows: u32, call: usize, data: usize, validity: usize): void {
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const offset = load<u32>(call, CALL_OFFSET);
  const arrival = load<i64>(state, STATE_SEQUENCE);
  for (let row: usize = 0; row < rows; row++) {
    if (validity != 0 && load<u8>(validity + row) == 0) continue;
    const arena = tableArena(load<u32>(tables + (row << 2)));
    const tally = <usize>load<u32>(entries + (row << 2)) + offset;
    tallyAddText(arena, tally, load<u32>(data + (row << 3)), load<u32>(data + (row << 3), 4), 1, arrival + row);
  }
}
