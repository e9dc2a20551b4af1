// Where the delimiters, quotes and newlines of a stretch of CSV are: 64 bytes a step, one bit a byte, one address a bit.
//
// The index covers [csvIndexBegin, csvIndexEnd) and is made anew, further on, when a record runs out of it. At the end
// of the input one more entry stands at the end itself: the newline that the last record may lack.
import { allocate, release } from './memory';

/** Bytes indexed at once: their entries stay in the nearest cache. */
const STRETCH: usize = 1 << 14;

let entriesBytes: u32 = 0;
/** Address of the entries, u32 each. */
export let csvEntries: usize = 0;
/** Address after the last entry. */
export let csvEntriesEnd: usize = 0;
export let csvIndexBegin: usize = 0;
export let csvIndexEnd: usize = 0;
/** Whether a stretch since `csvIndexClear` holds a byte beyond ASCII. */
export let csvIndexIsWide: bool = false;

/** Forgets the index: other bytes follow. */
export function csvIndexClear(p: usize): void {
  csvEntriesEnd = csvEntries;
  csvIndexBegin = p;
  csvIndexEnd = p;
  csvIndexIsWide = false;
}

/**
 * Indexes from the record at `p` on: a stretch, or twice as much as before when that began with the same record.
 * @returns false when there is nothing more to index.
 */
export function csvIndexMore(p: usize, end: usize, isAtEnd: bool, delimiter: u32, quote: u32): bool {
  if (csvIndexEnd == end) return false;
  const wish = csvIndexBegin == p ? max<usize>(2 * (csvIndexEnd - p), STRETCH) : STRETCH;
  const stop = p + min<usize>(wish, end - p);
  reserve(((<u32>(stop - p)) << 2) + 512);
  csvIndexBegin = p;
  csvIndexEnd = stop;
  index(p, stop, <u8>delimiter, <u8>quote);
  if (stop == end && isAtEnd) {
    store<u32>(csvEntriesEnd, <u32>end);
    csvEntriesEnd += 4;
  }
  return true;
}

function reserve(bytes: u32): void {
  if (bytes <= entriesBytes) return;
  if (csvEntries) release(csvEntries, entriesBytes);
  entriesBytes = max(2 * entriesBytes, bytes);
  csvEntries = allocate(entriesBytes);
}

function index(p: usize, stop: usize, delimiter: u8, quote: u8): void {
  const delimiters = i8x16.splat(delimiter);
  const quotes = i8x16.splat(quote);
  let seen = i64x2.splat(0);
  let to = csvEntries;
  for (; p < stop; p += 64) {
    const a = v128.load(p);
    const b = v128.load(p, 16);
    const c = v128.load(p, 32);
    const d = v128.load(p, 48);
    let bits =
      found(a, delimiters, quotes) |
      (found(b, delimiters, quotes) << 16) |
      (found(c, delimiters, quotes) << 32) |
      (found(d, delimiters, quotes) << 48);
    if (stop - p < 64) bits &= ((<u64>1) << (<u64>(stop - p))) - 1;
    seen = v128.or(seen, v128.or(v128.or(a, b), v128.or(c, d)));
    to = entries(bits, p, to);
  }
  // Bytes behind the stretch may have been seen too: then it only seems to be wide.
  csvIndexIsWide = csvIndexIsWide || i8x16.bitmask(seen) != 0;
  csvEntriesEnd = to;
}

@inline
function found(block: v128, delimiters: v128, quotes: v128): u64 {
  const ends = v128.or(i8x16.eq(block, delimiters), i8x16.eq(block, i8x16.splat(10)));
  return <u64>(<u32>i8x16.bitmask(v128.or(ends, i8x16.eq(block, quotes))));
}

/** Writes the address of every bit; eight at a time, since the count is hard to predict. */
@inline
function entries(bits: u64, p: usize, to: usize): usize {
  const next = to + ((<usize>popcnt(bits)) << 2);
  while (bits != 0) {
    for (let i: usize = 0; i < 32; i += 4) {
      store<u32>(to + i, <u32>p + <u32>ctz(bits));
      bits &= bits - 1;
    }
    to += 32;
  }
  return next;
}
