// ARG_MIN and ARG_MAX: the value of the row whose other value is least or greatest, of several the first to arrive.
//
//   state ─► u64 sort key of the other value (of a text: kept as in aggregate-text.ts, 16 bytes)
//            │ value (8 bytes, of a text 16) │ i64 arrival
//
// For ARG_MAX sort keys are inverted, so that the least is looked for either way.
import { STATE_ENTRIES, STATE_SEQUENCE, STATE_TABLES } from './aggregate-state';
import { keepText } from './aggregate-text';
import { tableArena } from './group-table';
import { bytesCompare } from './hash';
import { AGGREGATE_ARG_MAX, CALL_BY_PHYSICAL, CALL_FUNCTION, CALL_OFFSET, CALL_PHYSICAL } from './layout-aggregate';
import { PHYSICAL_I32, PHYSICAL_REF, PHYSICAL_U8 } from './layout';
import { bytesOfPhysical, sortBitsOf } from './value-bits';

/** Where the value is in the state. */
@inline
export function argValueOffset(call: usize): u32 {
  return load<u32>(call, CALL_BY_PHYSICAL) == PHYSICAL_REF ? 16 : 8;
}

@inline
function arrivalOffset(call: usize): u32 {
  return argValueOffset(call) + (load<u32>(call, CALL_PHYSICAL) == PHYSICAL_REF ? 16 : 8);
}

/** Offers rows to their groups; a validity may be 0. */
export function updateArg(
  state: usize,
  rows: u32,
  call: usize,
  seen: u32,
  data: usize,
  validity: usize,
  byData: usize,
  byValidity: usize,
): void {
  const entries = <usize>load<u32>(state, STATE_ENTRIES);
  const tables = <usize>load<u32>(state, STATE_TABLES);
  const byPhysical = load<u32>(call, CALL_BY_PHYSICAL);
  const byBytes = bytesOfPhysical(byPhysical);
  const offset = load<u32>(call, CALL_OFFSET);
  const isMax = load<u32>(call, CALL_FUNCTION) == AGGREGATE_ARG_MAX;
  for (let row: usize = 0; row < rows; row++) {
    if (validity != 0 && load<u8>(validity + row) == 0) continue;
    if (byValidity != 0 && load<u8>(byValidity + row) == 0) continue;
    const entry = <usize>load<u32>(entries + (row << 2));
    const at = entry + offset;
    const by = byData + row * byBytes;
    const arena = tableArena(load<u32>(tables + (row << 2)));
    const isSeen = load<u8>(entry + seen) != 0;
    if (byPhysical == PHYSICAL_REF) {
      if (isSeen) {
        const order = bytesCompare(load<u32>(by), load<u32>(by, 4), load<u32>(at), load<u32>(at, 4));
        if (isMax ? order <= 0 : order >= 0) continue;
      }
      keepText(arena, at, load<u32>(by), load<u32>(by, 4));
    } else {
      const key = isMax ? ~sortBitsOf(byPhysical, by) : sortBitsOf(byPhysical, by);
      if (isSeen && key >= load<u64>(at)) continue;
      store<u64>(at, key);
    }
    store<u8>(entry + seen, 1);
    keepValue(arena, call, at, data, row);
    store<i64>(at + arrivalOffset(call), load<i64>(state, STATE_SEQUENCE) + row);
  }
}

function keepValue(arena: usize, call: usize, at: usize, data: usize, row: usize): void {
  const to = at + argValueOffset(call);
  const physical = load<u32>(call, CALL_PHYSICAL);
  if (physical == PHYSICAL_REF) keepText(arena, to, load<u32>(data + (row << 3)), load<u32>(data + (row << 3), 4));
  else if (physical == PHYSICAL_U8) store<u8>(to, load<u8>(data + row));
  else if (physical == PHYSICAL_I32) store<u32>(to, load<u32>(data + (row << 2)));
  else store<u64>(to, load<u64>(data + (row << 3)));
}

/** Offers the state of the entry `from` to the entry `to`, whose texts are in `arena`. */
export function mergeArg(arena: usize, call: usize, seen: u32, to: usize, from: usize): void {
  if (!load<u8>(from + seen)) return;
  const at = to + load<u32>(call, CALL_OFFSET);
  const other = from + load<u32>(call, CALL_OFFSET);
  const arrival = arrivalOffset(call);
  const hasText = load<u32>(call, CALL_BY_PHYSICAL) == PHYSICAL_REF;
  if (load<u8>(to + seen)) {
    let order: i32;
    if (hasText) {
      order = bytesCompare(load<u32>(other), load<u32>(other, 4), load<u32>(at), load<u32>(at, 4));
      if (load<u32>(call, CALL_FUNCTION) == AGGREGATE_ARG_MAX) order = -order;
    } else order = i32(load<u64>(other) > load<u64>(at)) - i32(load<u64>(other) < load<u64>(at));
    if (order > 0 || (order == 0 && load<i64>(other + arrival) > load<i64>(at + arrival))) return;
  }
  store<u8>(to + seen, 1);
  if (hasText) keepText(arena, at, load<u32>(other), load<u32>(other, 4));
  else store<u64>(at, load<u64>(other));
  keepValue(arena, call, at, other + argValueOffset(call), 0);
  store<i64>(at + arrival, load<i64>(other + arrival));
}
