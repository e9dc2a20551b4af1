// Where a stretch of CSV may be cut so that two decoders read the halves as one would have read the whole.
//
// Without a quote that is behind any newline. With quotes the records are read as the decoder reads them, the broken
// ones included, of which it gives up the first line only (kernels/csv-decode.ts). What shows that a record is broken may
// be far behind that line: it stays in the same half, or the other decoder would not see it.
import { csvEntries, csvIndexClear } from './csv-index';
import {
  csvRecord,
  csvSeek,
  RECORD_COMPLETE,
  RECORD_MALFORMED,
  RECORD_OPEN,
  recordEnd,
  recordFailedAt,
} from './csv-record';
import { CSV_QUOTE } from './csv-state';
import { lastLineEnd, lineBytes, newlineAt, STATE_IS_STARTED } from './decoder';
import { DECODER_MAX_RECORD_BYTES } from './layout-formats';

const BYTE_ORDER_MARK: u32 = 0xbfbbef;

/**
 * The last place to cut [begin, end), where a record begins at `begin`: bytes from `begin`, 0 when there is none. May
 * be called between two calls of the decoder `state`.
 */
export function csvCut(state: usize, begin: usize, end: usize): u32 {
  if (!holds(begin, end, <u8>load<u32>(state, CSV_QUOTE))) return <u32>(lastLineEnd(begin, end) - begin);
  const bytesMax = load<u32>(state, DECODER_MAX_RECORD_BYTES);
  const isStart = load<u32>(state, STATE_IS_STARTED) == 0;
  let p = begin + (isStart && (load<u32>(begin) & 0xffffff) == BYTE_ORDER_MARK ? 3 : 0);
  csvIndexClear(p);
  csvSeek(csvEntries);
  let cut = begin;
  let evidence = begin;
  while (p < end) {
    const outcome = csvRecord(state, p, end, false);
    if (outcome == RECORD_OPEN && lineBytes(p, end) <= bytesMax) break;
    if (outcome == RECORD_COMPLETE && lineBytes(p, recordEnd) <= bytesMax) p = recordEnd + 1;
    else {
      // Malformed, or too long whatever follows: a line end may be one byte more than the limit says.
      const shown = outcome == RECORD_MALFORMED ? recordFailedAt : end;
      evidence = max(evidence, min<usize>(shown, p + bytesMax + 2));
      const newline = newlineAt(p, end);
      if (newline == end) break;
      p = newline + 1;
      csvIndexClear(p);
      csvSeek(csvEntries);
    }
    if (p > evidence) cut = p;
  }
  return <u32>(cut - begin);
}

function holds(begin: usize, end: usize, byte: u8): bool {
  const wanted = i8x16.splat(byte);
  for (let p = begin; p < end; p += 64) {
    const found =
      i8x16.bitmask(
        v128.or(
          v128.or(i8x16.eq(v128.load(p), wanted), i8x16.eq(v128.load(p, 16), wanted)),
          v128.or(i8x16.eq(v128.load(p, 32), wanted), i8x16.eq(v128.load(p, 48), wanted)),
        ),
      ) != 0;
    if (found) return true;
  }
  return false;
}
