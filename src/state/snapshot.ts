// What a checkpoint holds: where every source is, what every operator keeps, how much of every output counts.
//
// Plain data: it is posted from the core that was asked for it to the main thread, which stores it, and back to the
// core of a later run.

export interface Snapshot {
  sources: SourceState[];
  operators: OperatorState[];
  sinks: SinkState[];
}

export interface SourceState {
  /** Id of its plan node. */
  id: string;
  /** All of its splits have been read to their end, and what follows knows. */
  isEnded: boolean;
  /** Where its open splits are. */
  positions: SplitPosition[];
}

export interface SplitPosition {
  /** Number of the split, in name order, and its name. */
  split: number;
  name: string;
  /** Bytes (decompressed) and lines whose rows have been passed on. */
  offset: number;
  lineCount: number;
  /** Rows behind the offset that have been passed on too. */
  rows: number;
  /** What a decoder in the middle of the split has to know; null at its beginning. */
  decoder: string | null;
  /** What the bytes before the offset are known by (SplitReader.identify). */
  identity: string | null;
  /** State of its watermark (WATERMARK_BYTES of kernels/layout-time.ts), null without one. */
  watermark: Uint8Array | null;
}

export interface StateBlock {
  /** By which the same part of the state is known in the next checkpoint; unique in its operator. */
  name: string;
  bytes: Uint8Array;
}

/**
 * Linear memory of which kernels make an image, the last blocks of an operator (src/runtime/operators/state-image.ts): `begin`
 * is the one that begins it, `state` the address of what it is made of.
 */
export interface StateImage {
  begin: ImageKernel;
  state: number;
}

export type ImageKernel =
  | 'aggregateSave'
  | 'changesReadSave'
  | 'joinSave'
  | 'lastingSave'
  | 'lookupSave'
  | 'overSave'
  | 'rankedSave'
  | 'recallSave'
  | 'sorterSave'
  | 'tableByKeySave'
  | 'topSave'
  | 'updatingSave';

/** What one core keeps of an operator: all of it, or, where several cores compute it, its share by key. */
export interface OperatorState {
  id: string;
  /** The core that had it, of so many that each had a share. */
  core: number;
  cores: number;
  /** Groups or rows that it keeps, where it counts them. */
  keys: number | null;
  /** Where the window begins that closes next, µs; null when none is open. */
  openStart: number | null;
  /** As `save` wrote them (src/runtime/operators/operator.ts). */
  blocks: StateBlock[];
  /** What comes behind them is still to be made, in a copy of the core's memory; left out: nothing. */
  image?: StateImage;
}

/** What is written of an operator: its blocks come one by one, and each is borrowed until the next. */
export type WrittenOperator = Omit<OperatorState, 'blocks' | 'image'> & { blocks: Iterable<StateBlock> };

/** What is written of a checkpoint. */
export type WrittenSnapshot = Omit<Snapshot, 'operators'> & { operators: readonly WrittenOperator[] };

export interface SinkState {
  id: string;
  /** Bytes of its output that count: what was written after them is written again. */
  bytes: number;
  /** What begins the output (a header, a schema) is among them; left out: if there are any. */
  isBegun?: boolean;
  /** What its writer has to know there besides; left out: nothing. */
  place?: string;
  /** What the sink needs to commit them after a crash; left out: nothing. */
  handle?: string;
  /** Inputs that have not ended. */
  openInputs: number;
  /** Everything is written, also what ends the output. */
  isFinished: boolean;
}
