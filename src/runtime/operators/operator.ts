// The contract of an operator: one step of a plan, running on one core.
//
// The caller guarantees: calls come from one thread and never overlap; batches have the node's input schema; a batch
// is valid until `process` returns (the operator copies what it keeps); watermarks never go back; nothing follows
// `onEnd`. The operator guarantees: it never awaits; it passes batches on through `output` before it returns or keeps
// what it needs; rows it emits precede the watermark that caused them; bad data is counted, not thrown. A
// LaminarError ends the run after the rows before it were passed on.
//
// State that outlives the run. A checkpoint is taken between two turns of the core: no batch is on its way, nothing is
// suspended, and every row that was read has been processed to its end. Then `save` writes everything by which the
// operator's future output depends on its past, in linear memory or in fields: what it keeps by key, rows, watermarks,
// inputs that are idle or have ended, counters of late rows, sequence numbers. A later run builds the same node with
// the same plan and calls `restore` with the blocks, one by one in the order they were written, before its first batch;
// then it goes on as this one would, byte for byte. For `save`:
//
//   - It changes nothing that can be noticed, and takes about as long as copying the state does: the core waits. What is in
//     linear memory is written by kernels, of the core's memory or of a copy of it (src/state/memory-copy.ts): they look
//     nowhere else, and use no variable that another kernel has set.
//   - Parts that come and go (a window) have names, so that what stays is not taken for something else.
//   - Blocks have no addresses (kernels/image.ts writes what refers to something as the thing itself), no bytes that
//     were never written, and what has not changed comes in the same order with the same bytes: it is recognized, and
//     not written again. Order and layout of a saved state belong to FORMAT_VERSION (src/state/manifest.ts).
//   - What is made from the plan alone (descriptors, batches, compiled code) is not written; what is kept only for
//     speed is made anew by `restore`.
//   - A block is borrowed until `write` returns.
//
// test/runtime/restored-operators.test.ts holds every operator to this: a new kind of node needs queries there.

import type { StateImage } from '../../state/snapshot.ts';
import type { Resumable } from '../turn.ts';

/** Where an operator sends what it produces: its consumers, each called to completion in turn. */
export interface Output {
  /** Passes a batch (address) on. It may be reused once this returns. */
  emit(batch: number): void;
  /** Passes a watermark on: the address of an i64 in µs. */
  watermark(cell: number): void;
  /** Nothing has come for a while: nobody need wait for this output until its next batch or watermark. */
  idle(): void;
  /** No more rows: everything still open has been emitted. */
  end(): void;
  /**
   * Asked between two batches of a long series that no batch has caused. @returns true when the turn is over: then the
   * operator returns at once, and goes on when the work is resumed with what it gives here. It is not called until then.
   */
  pause?(work: Resumable, then: number, cell: number): boolean;
}

/** What an operator takes from one of its inputs. */
export interface Input {
  process(batch: number): void;
  /** `cell`: address of an i64 in µs: no later row has a smaller event time. Must be passed on, after its rows. */
  onWatermark(cell: number): void;
  /**
   * The input is idle until its next batch or watermark: where several inputs meet, it holds the others back no longer
   * (src/runtime/progress.ts). Must be passed on once all inputs are idle.
   */
  onIdle(): void;
  onEnd(): void;
}

/**
 * Takes a block of state, which it copies before it returns. `name`: by which the same part of the state is known in the
 * next checkpoint, unique in its operator; without one, blocks are known by their number.
 */
export type BlockWriter = (block: Uint8Array, name?: string) => void;

/** Of the 256 key groups, those that one of several cores has. */
export interface KeyShare {
  core: number;
  cores: number;
}

/** What the core knows of an operator. */
export interface Stateful {
  /** Id of its plan node. */
  readonly id: string;
  /**
   * Only of operators that follow the clock: called with the time (ms since 1970) after each turn of the core, and while
   * it waits at least every 50 ms.
   */
  onTick?(nowMillis: number): void;
  /** Bytes of state held in linear memory. */
  stateBytes(): number;
  /** Only of operators that may drop rows because they come too late: how many. */
  lateCount?(): number;
  /** Only of operators that keep something by key, or rows: how many groups or rows. */
  keyCount?(): number;
  /** Only of operators with windows: writes OPERATOR_WATERMARK, _OPEN_START and _OPEN_END of the counters at `place`. */
  reportTime?(counters: Float64Array, place: number): void;
  /**
   * Writes what it has in fields (see above). An operator that keeps nothing between two batches writes none. One without
   * this method cannot be kept: a run with a state directory refuses it by name.
   * @returns what it has in linear memory, of which an image is made: the blocks behind those; null: nothing
   */
  save?(write: BlockWriter): StateImage | null;
  /** Takes a block that `save` wrote, or one of the image. @throws LMN-4003 when it does not fit. */
  restore?(block: Uint8Array): void;
  /**
   * Only of operators that several cores may compute by key: the blocks that come next are what another share of its keys
   * was saved of. Of them it takes what belongs to `share`, beside what it has taken of others. `isCounted`: and what they
   * have counted beside keys, which is taken once.
   */
  beginShare?(share: KeyShare, isCounted: boolean): void;
  close(): void;
}

/** An operator with one input, or whose inputs are alike. */
export interface Operator extends Stateful, Input {}

/** An operator that tells its inputs apart: one port for each, in the order of the plan. */
export interface SeveralInputs extends Stateful {
  readonly ports: readonly Input[];
}
