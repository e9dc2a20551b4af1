// What a core sends of a chunk that it has decoded: any number of batches and bad records, then the end of the chunk.
//
//   rows     kernels/exchange.ts
//   reject   reason │ column │ line in the chunk │ position │ low and high word of its byte in the split │ raw bytes
//   end      lines │ fields turned into NULL

import type { Reject } from '../../formats/rejects.ts';

export const ROWS = 1;
export const REJECT = 2;
export const CHUNK_END = 3;

export const REJECT_HEADER_BYTES = 32;
export const CHUNK_END_BYTES = 8;

const TWO_32 = 2 ** 32;

/** A bad record on its way: `offset` is its first byte in the split, `line` counts from the chunk's first line. */
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
