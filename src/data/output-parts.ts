// How an output is cut into parts, each an output by itself: what rolled files are made of.
//
//   encoder ─► bytes that wait ─► take(begin, end) says how many of them belong to the open part
//                                 ─► the writer writes them, and begins the next part where fewer than all do
//
// Where a part ends depends on its rows alone: it takes rows as long as they fit into `bytesMax`, and one in any case.
// The format says what a byte is: text has those of the text, Arrow those of the values, since what is around them depends
// on how rows came in batches.

/** Made by an encoder (`Encoder.cut`), used by the writer of its output. */
export interface OutputParts {
  /** Text that begins each part, in linear memory; the writer writes it. */
  readonly head: number;
  readonly headBytes: number;
  /** Bytes of the open part, as they count; 0: none is open. Set when the output goes on within a part. */
  bytes: number;
  /** Of memory [begin, end), rows that wait to be written: bytes of them that belong to the open part. */
  take(begin: number, end: number): number;
  /** What `take` has given ended a part, though nothing follows it. */
  readonly isComplete: boolean;
  /** The open part is over, and all of it has been written. */
  close(): void;
}
