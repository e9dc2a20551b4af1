// The contract of a format: bytes ↔ batches.
//
// Decoder. The caller owns a buffer in linear memory and guarantees READ_SLACK readable bytes past `end`; it moves
// unconsumed bytes to the front and appends more. A decoder frames first (a broken record never touches its
// neighbours), then parses; it fills `batch` from row 0 on every call and sets its row count. References in the batch
// point into the caller's buffer or the transient stack, valid until the next call. Bad records are in the reject list
// (kernels/layout.ts) at `state`.
//
// Encoder. Takes batches, appends bytes to a buffer of its own, and hands them over in `take`.

import type { OutputParts } from '../data/output-parts.ts';
import type { Schema } from '../data/schema.ts';

export interface Decoder {
  /** The batch that `decode` fills. */
  readonly batch: number;
  /** Address of the decoder state (DECODER_* of kernels/layout-formats.ts), where rejects and counts are. */
  readonly state: number;
  readonly schema: Schema;
  /**
   * Decodes records of memory [begin, end) until the batch or the reject list is full, a record is incomplete, or a
   * bad record stops it (POLICY_FAIL: the record is not consumed). With `atEnd` the last record need not be terminated.
   * @returns bytes consumed. 0 with an empty batch and no reject: more bytes are needed.
   */
  decode(begin: number, end: number, atEnd: boolean): number;
  /** A new split begins: expect a header, a byte order mark, a stream start again. */
  reset(): void;
  /** How a split may be cut for several decoders; without it one decoder reads all of it. */
  readonly cutting?: Cutting;
  /** Where a split may be gone on with that cannot be cut. */
  readonly places?: Places;
}

/** Places between two rows of a split, for a decoder that takes bytes before it gives their rows. */
export interface Places {
  /** The rows of the last `decode` have been used: the place is behind them. */
  settle(): void;
  /** Bytes of the split that need not be read again, and what a decoder has to know that goes on behind them. */
  place(): { offset: number; text: string } | null;
  /** The bytes that follow are those from that place on. */
  goOn(offset: number, text: string): void;
}

/** What lets other decoders read parts of a split, with the same rows as one that reads all of it. */
export interface Cutting {
  /** The last place to cut memory [begin, end), where a record begins at `begin`: bytes from there, 0 for none. */
  cut(begin: number, end: number): number;
  /** What a decoder of a later part has to know; null while this one does not know it itself. */
  share(): string | null;
  /** The bytes that follow are from the middle of a split whose first decoder shared `text`. */
  join(text: string): void;
}

export interface Encoder {
  /** Encodes all rows of the batch (hidden columns left out). The buffer grows as needed. */
  encode(batch: number): void;
  /** Appends rows that another encoder of the same columns and options, but without a header, has encoded. */
  append?(address: number, bytes: number): void;
  /** Bytes waiting. */
  readonly pendingBytes: number;
  /** Address of the waiting bytes; valid until the next `encode`. Call `clear` after writing them. */
  readonly pending: number;
  clear(): void;
  /** The output goes on behind what an earlier encoder has written: its beginning is there. */
  resume(): void;
  /** Before the first batch: the output will be cut into parts of so many bytes. Without it it cannot be. */
  cut?(bytesMax: number): OutputParts;
  /**
   * Appends what ends the stream (Arrow's end-of-stream, CSV's header if no row came). Called once; of an output that is cut
   * into parts it ends the open one, if there is one, and the next row begins another.
   */
  finish(): void;
  /** Gives the buffer back, as it has grown; all else belongs to who has lent memory for it (LinearMemory.lend). */
  close?(): void;
}
