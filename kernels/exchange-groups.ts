// Which core a row goes to: by the key group of its key, the highest bits of the key's hash.
//
//   group = hash >> 24 (0 … 255)      core = group · cores / 256
//
// The group table uses the lowest bits, so a core's groups are spread over all of its buckets.
import { BLOCK_ROWS, STATE_HASHES } from './aggregate-state';
import { keyHash, keyPack } from './group-key';
import { BATCH_ROW_COUNT } from './layout';

/** The core that owns the keys of a hash. */
@inline
export function exchangeCore(hash: u32, cores: u32): u32 {
  return ((hash >> 24) * cores) >> 8;
}

/**
 * Sorts the rows of a batch by core: their numbers (u32) to `lists`, which has room for `capacity` of them for each of
 * `cores` cores, and how many there are for each (u32) to `counts`. The aggregate's scratch is used.
 */
export function exchangeSort(state: usize, batch: usize, lists: usize, counts: usize, capacity: u32, cores: u32): void {
  const rows = load<u32>(batch, BATCH_ROW_COUNT);
  memory.fill(counts, 0, cores << 2);
  for (let first: u32 = 0; first < rows; first += BLOCK_ROWS) {
    const count = min<u32>(rows - first, BLOCK_ROWS);
    keyPack(state, batch, first, count);
    keyHash(state, batch, first, count);
    const hashes = <usize>load<u32>(state, STATE_HASHES);
    for (let row: u32 = 0; row < count; row++) {
      const core: usize = exchangeCore(load<u32>(hashes + ((<usize>row) << 2)), cores);
      const place = counts + (core << 2);
      const before = load<u32>(place);
      store<u32>(lists + ((core * capacity + before) << 2), first + row);
      store<u32>(place, before + 1);
    }
  }
}

/** Writes the numbers of `rows` rows of a chunk, from row `first` on: the chunk in the high word, the row in the low one. */
export function exchangeNumber(to: usize, chunk: u32, first: u32, rows: u32): void {
  for (let row: u32 = 0; row < rows; row++) {
    store<u64>(to + ((<usize>row) << 3), ((<u64>chunk) << 32) | <u64>(first + row));
  }
}
