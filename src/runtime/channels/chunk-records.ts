// What a core sends of a chunk that it has decoded: any number of batches and bad records, then the end of the chunk.
//
//   rows      kernels/exchange.ts: rows of the source, or of the end of its chain (src/plan/chain.ts)
//   text      rows of the chain's end as the sink writes them: how many │ … │ bytes
//   part      the beginning of a record that is longer than the ring takes: the next one goes on behind it
//   progress  behind the rows of a chain: rows that the source gave for them │ of those too far in the future │ low and
//             high word of the watermark after them, from this chunk alone
//   reject    reason │ column │ line in the chunk │ position │ low and high word of its byte in the chunk │ raw bytes
//   failure   a step of the chain failed: a PlainError as JSON
//   end       lines │ fields turned into NULL
//   place     of a split that is merged, before each batch: its first byte in the chunk │ lines before it │ byte behind it │ lines
//             before that │ bad records behind its rows
//
// To the core that owns a key, in an exchange: for each chunk `begin`, `rows` as they are, and `owned end`.
//
//   begin      split
//   owned end  OWNED_* │ … │ low and high word of the watermark after it, from this chunk alone
//   barrier    number of the checkpoint │ BARRIER_*: all there is of a chunk that core 0 takes for it
//   change     to the owners of a join that core 0 feeds: which input │ FED_* │ low and high word of its watermark
//
// What an owner has aggregated, to core 0: for each chunk `rows` and `results end`, or `error`.
//
//   results end  OWNED_* │ … │ low and high word of the watermark of the results
//   error        a PlainError as JSON

import type { Reject } from '../../formats/rejects.ts';

export const ROWS = 1;
export const REJECT = 2;
export const CHUNK_END = 3;
export const PART = 4;
export const PROGRESS = 5;
export const TEXT = 6;
export const FAILURE = 7;
export const CHUNK_BEGIN = 8;
export const OWNED_END = 9;
export const RESULTS_END = 10;
export const RESULTS_ERROR = 11;
export const CHUNK_BARRIER = 12;
export const PLACE = 13;
export const FED_CHANGE = 14;

export const REJECT_HEADER_BYTES = 32;
export const CHUNK_END_BYTES = 8;
export const PROGRESS_BYTES = 16;
export const TEXT_HEADER_BYTES = 16;
export const CHUNK_BEGIN_BYTES = 4;
export const OWNED_END_BYTES = 16;
export const CHUNK_BARRIER_BYTES = 8;
export const PLACE_BYTES = 20;
export const FED_CHANGE_BYTES = 16;
export const RESULTS_END_BYTES = 16;

/** The watermark holds for all that is to come: the chunk is of the last split. */
export const OWNED_FORWARD = 1;
/** The run ends behind this chunk: a record of it is bad, or an expression failed. */
export const OWNED_STOP = 2;
/** There is nothing more at all. */
export const OWNED_FINAL = 4;
/** A checkpoint is taken between what came before and what will. */
export const OWNED_BARRIER = 8;

/** Of what all cores compute, this is what a checkpoint is taken of first, and last. */
export const BARRIER_FIRST = 1;
export const BARRIER_LAST = 2;

/** What becomes of an input that core 0 feeds: it has a watermark, is idle, has ended. */
export const FED_WATERMARK = 1;
export const FED_IDLE = 2;
export const FED_END = 3;

const TWO_32 = 2 ** 32;

/** A bad record on its way: `offset` is its first byte in the chunk, `line` counts from the chunk's first line. */
export interface SentReject extends Reject {
  offset: number;
}

export function writeReject(words: Int32Array, address: number, reject: SentReject): void {
  const at = address >>> 2;
  words[at] = reject.reason;
  words[at + 1] = reject.column;
  words[at + 2] = reject.line;
  words[at + 3] = reject.position;
  words[at + 4] = reject.offset % TWO_32;
  words[at + 5] = Math.floor(reject.offset / TWO_32);
}

/** `recordAddress`: where the raw bytes have been put. */
export function readReject(words: Int32Array, address: number, raw: { address: number; bytes: number }): SentReject {
  const at = address >>> 2;
  const word = (index: number): number => words[at + index] as number;
  return {
    reason: word(0),
    column: word(1),
    line: word(2),
    position: word(3),
    offset: (word(4) >>> 0) + word(5) * TWO_32,
    recordAddress: raw.address,
    recordBytes: raw.bytes,
  };
}
