// Groups by the groups of other tables: the same key found, or copied into a table that does not have it.
import { emptyEntry } from './group-entry';
import {
  LINE_BYTES,
  lineEntry,
  lineIsFull,
  lineMatches,
  tableArena,
  tableEnd,
  tableFirst,
  tableInsert,
  tableLine,
} from './group-table';
import { bytesEqual } from './hash';
import {
  AGGREGATE_KEY_BYTES,
  AGGREGATE_KEY_COUNT,
  AGGREGATE_KEYS,
  KEY_ADDRESS_OFFSET,
  KEY_BYTES,
  KEY_INLINE_BYTES,
  KEY_OFFSET,
  KEY_PHYSICAL,
} from './layout-aggregate';
import { PHYSICAL_REF } from './layout';
import { arenaAllocate } from './memory';

/** The group of the table with the key of `from`, an entry of another table, made if it is not there. */
export function tableFindEntry(state: usize, table: usize, hash: u32, from: usize): usize {
  const end = tableEnd(table);
  let line = tableLine(table, hash);
  while (true) {
    for (let match = lineMatches(line, hash); match != 0; match &= match - 1) {
      const entry = lineEntry(line, ctz(match));
      if (entry != 0 && isSameKey(state, entry, from)) return entry;
    }
    if (!lineIsFull(line)) {
      const entry = entryCopy(state, tableArena(table), from);
      tableInsert(table, hash, entry);
      return entry;
    }
    line += LINE_BYTES;
    if (line == end) line = tableFirst(table);
  }
  return 0;
}

/** Whether two entries, of any tables, have the same key. */
function isSameKey(state: usize, a: usize, b: usize): bool {
  const keyBytes = load<u32>(state, AGGREGATE_KEY_BYTES);
  for (let at: u32 = 0; at < keyBytes; at += 16) {
    if (v128.any_true(v128.xor(v128.load(a + at), v128.load(b + at)))) return false;
  }
  const keyCount = load<u32>(state, AGGREGATE_KEY_COUNT);
  for (let k: u32 = 0; k < keyCount; k++) {
    const descriptor = <usize>load<u32>(state, AGGREGATE_KEYS) + k * KEY_BYTES;
    const bytes = longBytes(descriptor, a);
    if (!bytes) continue;
    const place = load<u32>(descriptor, KEY_ADDRESS_OFFSET);
    if (!bytesEqual(load<u32>(a + place), load<u32>(b + place), bytes)) return false;
  }
  return true;
}

/** Bytes of a key's string that does not lie in the packed key whole, 0 for any other key. */
@inline
function longBytes(descriptor: usize, entry: usize): u32 {
  if (load<u32>(descriptor, KEY_PHYSICAL) != PHYSICAL_REF) return 0;
  const bytes = load<u32>(entry + load<u32>(descriptor, KEY_OFFSET));
  return bytes > <u32>KEY_INLINE_BYTES ? bytes : 0;
}

/** A group without rows that has the key of `from`; all of it lies in `arena`. */
function entryCopy(state: usize, arena: usize, from: usize): usize {
  const entry = emptyEntry(state, arena, from);
  const keyCount = load<u32>(state, AGGREGATE_KEY_COUNT);
  for (let k: u32 = 0; k < keyCount; k++) {
    const descriptor = <usize>load<u32>(state, AGGREGATE_KEYS) + k * KEY_BYTES;
    const bytes = longBytes(descriptor, from);
    if (!bytes) continue;
    const place = load<u32>(descriptor, KEY_ADDRESS_OFFSET);
    const kept = arenaAllocate(arena, bytes);
    memory.copy(kept, load<u32>(from + place), bytes);
    store<u32>(entry + place, <u32>kept);
  }
  return entry;
}
