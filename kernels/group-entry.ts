// The entry of one group: whether it is that of a row, and making it.
//
//   entry ─► packed key │ addresses of long strings │ state of each aggregate │ seen bytes
import { STATE_HAS_LONG } from './aggregate-state';
import { batchData } from './group-key';
import { bytesEqual } from './hash';
import {
  AGGREGATE_ENTRY_BYTES,
  AGGREGATE_KEY_BYTES,
  AGGREGATE_KEY_COUNT,
  AGGREGATE_KEYS,
  AGGREGATE_TEMPLATE,
  KEY_ADDRESS_OFFSET,
  KEY_BYTES,
  KEY_INLINE_BYTES,
  KEY_OFFSET,
  KEY_PHYSICAL,
} from './layout-aggregate';
import { PHYSICAL_REF } from './layout';
import { arenaAllocate } from './memory';

const INLINE: u32 = KEY_INLINE_BYTES;

/** Whether an entry is the group of a row of a batch, by its packed key. */
export function isGroup(state: usize, entry: usize, key: usize, batch: usize, row: u32): bool {
  const stride = load<u32>(state, AGGREGATE_KEY_BYTES);
  for (let at: u32 = 0; at < stride; at += 16) {
    if (v128.any_true(v128.xor(v128.load(key + at), v128.load(entry + at)))) return false;
  }
  if (!load<u32>(state, STATE_HAS_LONG)) return true;
  const keyCount = load<u32>(state, AGGREGATE_KEY_COUNT);
  for (let k: u32 = 0; k < keyCount; k++) {
    const descriptor = <usize>load<u32>(state, AGGREGATE_KEYS) + k * KEY_BYTES;
    if (load<u32>(descriptor, KEY_PHYSICAL) != PHYSICAL_REF) continue;
    const bytes = load<u32>(key + load<u32>(descriptor, KEY_OFFSET));
    if (bytes <= INLINE) continue;
    const kept = <usize>load<u32>(entry + load<u32>(descriptor, KEY_ADDRESS_OFFSET)) + KEY_INLINE_BYTES;
    const given = <usize>load<u32>(batchData(batch, k) + (row << 3)) + KEY_INLINE_BYTES;
    if (!bytesEqual(kept, given, bytes - KEY_INLINE_BYTES)) return false;
  }
  return true;
}

/** A new entry with a packed key, the rest of it as the template has it. */
export function emptyEntry(state: usize, arena: usize, key: usize): usize {
  const keyBytes = load<u32>(state, AGGREGATE_KEY_BYTES);
  const entryBytes = load<u32>(state, AGGREGATE_ENTRY_BYTES);
  const template = <usize>load<u32>(state, AGGREGATE_TEMPLATE);
  const entry = arenaAllocate(arena, entryBytes);
  for (let at: u32 = 0; at < keyBytes; at += 16) v128.store(entry + at, v128.load(key + at));
  for (let at = keyBytes; at < entryBytes; at += 16) v128.store(entry + at, v128.load(template + at));
  return entry;
}

/** A new entry for the key of a row of a batch; all of it lies in `arena`. */
export function createEntry(state: usize, arena: usize, batch: usize, row: u32, key: usize): usize {
  const entry = emptyEntry(state, arena, key);
  if (load<u32>(state, STATE_HAS_LONG)) keepLong(state, arena, batch, row, entry);
  return entry;
}

/** Copies the long strings of a new group's key. */
function keepLong(state: usize, arena: usize, batch: usize, row: u32, entry: usize): void {
  const keyCount = load<u32>(state, AGGREGATE_KEY_COUNT);
  for (let k: u32 = 0; k < keyCount; k++) {
    const descriptor = <usize>load<u32>(state, AGGREGATE_KEYS) + k * KEY_BYTES;
    if (load<u32>(descriptor, KEY_PHYSICAL) != PHYSICAL_REF) continue;
    const bytes = load<u32>(entry + load<u32>(descriptor, KEY_OFFSET));
    if (bytes <= INLINE) continue;
    const kept = arenaAllocate(arena, bytes);
    memory.copy(kept, load<u32>(batchData(batch, k) + (row << 3)), bytes);
    store<u32>(entry + load<u32>(descriptor, KEY_ADDRESS_OFFSET), <u32>kept);
  }
}
