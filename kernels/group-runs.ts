// Groups as they lie in memory, for an image of those that refer to nothing: it is copied from where they are.
//
//   run ─► u32 address │ u32 bytes      entries that follow one another there in the order in which they were made
//
// A table's arena hands out entries one after another, so blocks of an image have a run or two. Where long strings of keys
// lie between them there are no runs, and the image is put together entry by entry.
import { tableList } from './group-table';
import { PHYSICAL_REF } from './layout';
import {
  AGGREGATE_ENTRY_BYTES,
  AGGREGATE_KEY_COUNT,
  AGGREGATE_KEYS,
  KEY_BYTES,
  KEY_INLINE_BYTES,
  KEY_OFFSET,
  KEY_PHYSICAL,
} from './layout-aggregate';

/** More of them are not worth it. */
const RUNS_MAX: u32 = 32;
const RUN_BYTES: u32 = 8;
const runs: usize = memory.data(32 * 8, 16);
let count: u32 = 0;

/** Runs of the last block of an image, in their order: u32 address │ u32 bytes, each. */
export function groupRuns(): usize {
  return runs;
}

/** How many. */
export function groupRunCount(): u32 {
  return count;
}

/** There are none. */
export function runsClear(): void {
  count = 0;
}

/** Finds the runs of the groups from number `first` up to `end`. @returns whether they are all there is of them. */
export function runsFind(state: usize, table: usize, first: u32, end: u32): bool {
  if (hasLong(state, table, first, end)) return false;
  const list = tableList(table);
  const bytes = load<u32>(state, AGGREGATE_ENTRY_BYTES);
  for (let from = first; from < end; ) {
    if (count == RUNS_MAX) {
      count = 0;
      return false;
    }
    const to = runEnd(list, bytes, from, end);
    const run = runs + count * RUN_BYTES;
    store<u32>(run, load<u32>(list + ((<usize>from) << 2)));
    store<u32>(run, (to - from) * bytes, 4);
    count++;
    from = to;
  }
  return true;
}

/** Where the run ends that begins with group `from`. */
function runEnd(list: usize, bytes: u32, from: u32, end: u32): u32 {
  const apart = i32x4.splat(bytes);
  let at = from + 1;
  for (; at + 4 <= end; at += 4) {
    const place = list + ((<usize>at) << 2);
    const next = i32x4.add(v128.load(place - 4), apart);
    if (!i32x4.all_true(i32x4.eq(next, v128.load(place)))) break;
  }
  for (; at < end; at++) {
    const place = list + ((<usize>at) << 2);
    if (load<u32>(place) != load<u32>(place - 4) + bytes) break;
  }
  return at;
}

/** Whether the key of one of the groups has a long string. */
function hasLong(state: usize, table: usize, first: u32, end: u32): bool {
  const list = tableList(table);
  const keyCount = load<u32>(state, AGGREGATE_KEY_COUNT);
  for (let k: u32 = 0; k < keyCount; k++) {
    const key = <usize>load<u32>(state, AGGREGATE_KEYS) + k * KEY_BYTES;
    if (load<u32>(key, KEY_PHYSICAL) != PHYSICAL_REF) continue;
    const offset = load<u32>(key, KEY_OFFSET);
    let longest: u32 = 0;
    for (let at = first; at < end; at++) {
      longest = max(longest, load<u32>(<usize>load<u32>(list + ((<usize>at) << 2)) + offset));
    }
    if (longest > <u32>KEY_INLINE_BYTES) return true;
  }
  return false;
}
