// Merging the aggregates of aggregate-more.ts, and those with DISTINCT; the contract is in aggregate-merge.ts.
//
// With DISTINCT the values that are new to the group are added to it as if they were rows: a block of them at a time
// takes the place of the rows in hand. Texts put together are all kept; what came twice is left out of the result.
import {
  BLOCK_ROWS,
  STATE_ENTRIES,
  STATE_MERGE_ENTRIES,
  STATE_MERGE_TABLES,
  STATE_MERGE_VALUES,
  STATE_ONES,
  STATE_TABLES,
} from './aggregate-state';
import { mergeArg } from './aggregate-arg';
import { PAIR_X, PAIR_Y } from './aggregate-distinct';
import { mergeNumbers, mergePairs, updatePairs } from './aggregate-numbers';
import { mergeTexts } from './aggregate-texts';
import { updateCall } from './aggregate-update';
import { mergeLists } from './aggregate-values';
import { TABLE_ARENA } from './group-table';
import {
  AGGREGATE_ARG_MAX,
  AGGREGATE_ARG_MIN,
  AGGREGATE_COMOMENTS,
  AGGREGATE_COUNT_DISTINCT,
  AGGREGATE_DISTINCT_SKETCH,
  AGGREGATE_QUANTILE_SKETCH,
  AGGREGATE_TALLY,
  AGGREGATE_TEXTS,
  AGGREGATE_VALUES,
  CALL_FUNCTION,
  CALL_OFFSET,
  CALL_PHYSICAL,
  CALL_SET_OFFSET,
} from './layout-aggregate';
import { PHYSICAL_F64, PHYSICAL_REF } from './layout';
import { allocate, release } from './memory';
import { mergeDistinctSketch } from './sketch-distinct';
import { mergeQuantileSketch } from './sketch-quantile';
import { bytesOfPhysical, storeIdentityBits } from './value-bits';
import { setAdd, setAddText, setCapacity, setHasZero, setNext, setSlot } from './value-set';
import { tallyMerge, tallyOnce } from './value-tally';

/** Given for a table where nothing but its arena is asked for. */
const standIn: usize = memory.data(16, 16);

/** Makes the scratch of merging, when there is DISTINCT among the calls. */
function prepare(state: usize): void {
  if (load<u32>(state, STATE_MERGE_VALUES)) return;
  store<u32>(state, <u32>allocate(BLOCK_ROWS << 2), STATE_MERGE_ENTRIES);
  store<u32>(state, <u32>allocate(BLOCK_ROWS << 2), STATE_MERGE_TABLES);
  // Of pairs the second values are behind all of the first.
  store<u32>(state, <u32>allocate(BLOCK_ROWS << 4), STATE_MERGE_VALUES);
}

/** Gives it back. */
export function mergeScratchRelease(state: usize): void {
  if (!load<u32>(state, STATE_MERGE_VALUES)) return;
  release(load<u32>(state, STATE_MERGE_ENTRIES), BLOCK_ROWS << 2);
  release(load<u32>(state, STATE_MERGE_TABLES), BLOCK_ROWS << 2);
  release(load<u32>(state, STATE_MERGE_VALUES), BLOCK_ROWS << 4);
}

/** Adds the states of a call in the entries `from` to those in the entries `to`. `seen`: offset of its seen byte. */
export function mergeMore(
  state: usize,
  from: usize,
  to: usize,
  count: u32,
  call: usize,
  seen: u32,
  arena: usize,
): void {
  for (let i: usize = 0; i < count; i++) {
    const source = <usize>load<u32>(from + (i << 2));
    const target = <usize>load<u32>(to + (i << 2));
    if (load<i32>(call, CALL_SET_OFFSET) < 0) {
      mergeState(call, seen, arena, source, target);
      store<u8>(target + seen, load<u8>(target + seen) | load<u8>(source + seen));
    } else mergeDistinct(state, call, seen, arena, source, target);
  }
}

function mergeState(call: usize, seen: u32, arena: usize, source: usize, target: usize): void {
  const offset = load<u32>(call, CALL_OFFSET);
  const at = target + offset;
  const other = source + offset;
  switch (load<u32>(call, CALL_FUNCTION)) {
    case AGGREGATE_ARG_MIN:
    case AGGREGATE_ARG_MAX:
      mergeArg(arena, call, seen, target, source);
      break;
    case AGGREGATE_COMOMENTS:
      mergePairs(at, other);
      break;
    case AGGREGATE_VALUES:
      mergeLists(arena, call, at, other);
      break;
    case AGGREGATE_TALLY:
      tallyMerge(arena, at, other, load<u32>(call, CALL_PHYSICAL) == PHYSICAL_REF);
      break;
    case AGGREGATE_DISTINCT_SKETCH:
      mergeDistinctSketch(arena, at, other);
      break;
    case AGGREGATE_QUANTILE_SKETCH:
      mergeQuantileSketch(arena, at, other);
      break;
    case AGGREGATE_TEXTS:
      mergeTexts(arena, call, at, other);
      break;
    default:
      mergeNumbers(call, at, other);
  }
}

function mergeDistinct(state: usize, call: usize, seen: u32, arena: usize, source: usize, target: usize): void {
  const fn = load<u32>(call, CALL_FUNCTION);
  // First arrivals count for these: the states merge as they are.
  if (fn == AGGREGATE_COMOMENTS) {
    mergeDistinctPairs(state, call, arena, source, target);
    return;
  }
  const isWhole = fn == AGGREGATE_TEXTS || fn == AGGREGATE_TALLY;
  if (isWhole) mergeState(call, seen, arena, source, target);
  if (fn == AGGREGATE_TALLY) tallyOnce(target + load<u32>(call, CALL_OFFSET));
  const hasRows = !isWhole && fn != AGGREGATE_COUNT_DISTINCT;
  if (hasRows) prepare(state);
  const set = target + load<u32>(call, CALL_SET_OFFSET);
  const other = source + load<u32>(call, CALL_SET_OFFSET);
  const physical = load<u32>(call, CALL_PHYSICAL);
  const bytes = bytesOfPhysical(physical);
  const values = <usize>load<u32>(state, STATE_MERGE_VALUES);
  const capacity = setCapacity(other);
  let rows: u32 = 0;
  if (setHasZero(other) && setAdd(arena, set, 0) && hasRows) storeIdentityBits(physical, 0, values + bytes * rows++);
  for (let at = setNext(other, 0); at < capacity; at = setNext(other, at + 1)) {
    const value = setSlot(other, at);
    const node = <usize>(<u32>value);
    if (physical == PHYSICAL_REF) {
      if (!setAddText(arena, set, node + 4, load<u32>(node))) continue;
    } else if (!setAdd(arena, set, value)) continue;
    if (!hasRows) continue;
    const to = values + bytes * rows++;
    if (physical == PHYSICAL_REF) store<u64>(to, ((<u64>load<u32>(node)) << 32) | (node + 4));
    else storeIdentityBits(physical, value, to);
    if (rows < <u32>BLOCK_ROWS) continue;
    addRows(state, call, seen, arena, target, rows);
    rows = 0;
  }
  if (rows) addRows(state, call, seen, arena, target, rows);
}

function mergeDistinctPairs(state: usize, call: usize, arena: usize, source: usize, target: usize): void {
  prepare(state);
  const set = target + load<u32>(call, CALL_SET_OFFSET);
  const other = source + load<u32>(call, CALL_SET_OFFSET);
  const values = <usize>load<u32>(state, STATE_MERGE_VALUES);
  const entries = <usize>load<u32>(state, STATE_MERGE_ENTRIES);
  const capacity = setCapacity(other);
  let rows: usize = 0;
  for (let at = setNext(other, 0); at < capacity; at = setNext(other, at + 1)) {
    const text = <usize>(<u32>setSlot(other, at)) + 4;
    if (!setAddText(arena, set, text, load<u32>(text - 4))) continue;
    storeIdentityBits(PHYSICAL_F64, load<u64>(text, PAIR_Y), values + (rows << 3));
    storeIdentityBits(PHYSICAL_F64, load<u64>(text, PAIR_X), values + ((<usize>BLOCK_ROWS + rows) << 3));
    store<u32>(entries + (rows << 2), <u32>target);
    rows++;
    if (rows < <usize>BLOCK_ROWS) continue;
    addPairs(state, call, rows);
    rows = 0;
  }
  if (rows) addPairs(state, call, rows);
}

/** Adds the pairs of the scratch to their group. */
function addPairs(state: usize, call: usize, rows: usize): void {
  const values = <usize>load<u32>(state, STATE_MERGE_VALUES);
  const ones = <usize>load<u32>(state, STATE_ONES);
  updatePairs(
    load<u32>(state, STATE_MERGE_ENTRIES),
    <u32>rows,
    call,
    values,
    ones,
    values + ((<usize>BLOCK_ROWS) << 3),
    0,
  );
}

/** Adds the values of the scratch to one group. */
function addRows(state: usize, call: usize, seen: u32, arena: usize, target: usize, rows: u32): void {
  const entries = load<u32>(state, STATE_ENTRIES);
  const tables = load<u32>(state, STATE_TABLES);
  store<u32>(standIn, <u32>arena, TABLE_ARENA);
  for (let row: usize = 0; row < rows; row++) {
    store<u32>(<usize>load<u32>(state, STATE_MERGE_ENTRIES) + (row << 2), <u32>target);
    store<u32>(<usize>load<u32>(state, STATE_MERGE_TABLES) + (row << 2), <u32>standIn);
  }
  store<u32>(state, load<u32>(state, STATE_MERGE_ENTRIES), STATE_ENTRIES);
  store<u32>(state, load<u32>(state, STATE_MERGE_TABLES), STATE_TABLES);
  updateCall(state, 0, 0, rows, call, seen, load<u32>(state, STATE_MERGE_VALUES), load<u32>(state, STATE_ONES));
  store<u32>(state, entries, STATE_ENTRIES);
  store<u32>(state, tables, STATE_TABLES);
}
